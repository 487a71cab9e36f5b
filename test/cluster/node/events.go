package node

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/reference"
)

// tellAgainAfter is how long a kubelet waits before it tries a held pod again,
// and so repeats its event. This node tries more often and tells as rarely.
const tellAgainAfter = 10 * time.Second

// newRecorder returns a recorder that counts and limits events as a kubelet's
// does; stop it to end its goroutines.
func newRecorder(ctx context.Context, client kubernetes.Interface, node string) (record.EventRecorder, func()) {
	b := record.NewBroadcaster(record.WithContext(ctx))
	b.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events("")})
	return b.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "kubelet", Host: node}), b.Shutdown
}

// tell records an event about a container of the pod.
func (n *Node) tell(p *pod, c container, kind, reason, message string) {
	ref, err := reference.GetPartialReference(scheme.Scheme, p.Pod, c.path())
	if err == nil {
		n.recorder.Event(ref, kind, reason, message)
	}
}

// warn records a warning that may repeat: the same one at most once every ten
// seconds. With no container it is about the pod.
func (n *Node) warn(p *pod, c *container, reason, message string) {
	key := reason + message
	if c != nil {
		key += c.path()
	}
	if time.Since(p.told[key]) < tellAgainAfter {
		return
	}
	p.told[key] = time.Now()
	if c == nil {
		n.recorder.Event(p.Pod, corev1.EventTypeWarning, reason, message)
		return
	}
	n.tell(p, *c, corev1.EventTypeWarning, reason, message)
}

// container is a container of a pod's spec with its status.
type container struct {
	*corev1.Container
	status *corev1.ContainerStatus
	init   bool
}

// path is how events refer to the container.
func (c container) path() string {
	if c.init {
		return fmt.Sprintf("spec.initContainers{%s}", c.Name)
	}
	return fmt.Sprintf("spec.containers{%s}", c.Name)
}

// sidecar says whether an init container is to keep running.
func (c container) sidecar() bool {
	return c.init && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}
