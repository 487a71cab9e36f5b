package node

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/kubelet"
)

// run is one run of a container, from its start to its end. It has no process, so it
// prints nothing and listens on no port.
type run struct {
	ended chan struct{}
}

// runs are the runs of all containers of the node, the latest of a container last. They
// are kept until the pod is deleted.
type runs struct {
	mu   sync.Mutex
	pods map[types.UID]map[string][]*run
}

func newRuns() *runs { return &runs{pods: map[types.UID]map[string][]*run{}} }

func (r *runs) start(pod types.UID, container string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pods[pod] == nil {
		r.pods[pod] = map[string][]*run{}
	}
	r.pods[pod][container] = append(r.pods[pod][container], &run{ended: make(chan struct{})})
}

// end ends the latest run of a container, if it has not ended yet.
func (r *runs) end(pod types.UID, container string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if all := r.pods[pod][container]; len(all) > 0 {
		all[len(all)-1].end()
	}
}

// forget ends all runs of a pod that is deleted.
func (r *runs) forget(pod types.UID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, all := range r.pods[pod] {
		for _, one := range all {
			one.end()
		}
	}
	delete(r.pods, pod)
}

// end must be called with the lock of runs.
func (r *run) end() {
	select {
	case <-r.ended:
	default:
		close(r.ended)
	}
}

// find returns the latest run of a container, or the one before.
func (r *runs) find(pod types.UID, container string, previous bool) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.pods[pod][container]
	last := len(all) - 1
	if previous {
		last--
	}
	if last < 0 {
		return nil
	}
	return all[last]
}

// Log implements kubelet.Host with the errors of a kubelet.
func (n *Node) Log(name types.NamespacedName, container string, previous bool) (kubelet.Log, error) {
	p := n.spec(name)
	if p == nil {
		return kubelet.Log{}, fmt.Errorf("pod %q %w", name.Name, kubelet.ErrNotFound)
	}
	if !hasContainer(&p.Spec, container) {
		return kubelet.Log{}, fmt.Errorf("container %q in pod %q %w", container, name.Name, kubelet.ErrNotFound)
	}
	one := n.runs.find(p.UID, container, previous)
	switch {
	case one == nil && previous:
		return kubelet.Log{}, fmt.Errorf("previous terminated container %q in pod %q not found", container, name.Name)
	case one == nil:
		return kubelet.Log{}, fmt.Errorf("container %q in pod %q is waiting to start: %s", container, name.Name, waitingReason(&p.Status, container))
	}
	return kubelet.Log{Ended: one.ended}, nil
}

// Dial implements kubelet.Host.
func (n *Node) Dial(_ context.Context, name types.NamespacedName, port int32) (net.Conn, error) {
	if n.spec(name) == nil {
		return nil, fmt.Errorf("pod %q %w", name.Name, kubelet.ErrNotFound)
	}
	return nil, fmt.Errorf("port %d of a simulated pod: %w", port, syscall.ECONNREFUSED)
}

// spec returns a pod of the node as it is in the API, or nil.
func (n *Node) spec(name types.NamespacedName) *corev1.Pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.pods[cache.ObjectName(name)]; p != nil {
		return p.Pod
	}
	return nil
}

func hasContainer(spec *corev1.PodSpec, name string) bool {
	return slices.ContainsFunc(slices.Concat(spec.Containers, spec.InitContainers), func(c corev1.Container) bool { return c.Name == name })
}

// waitingReason returns why a container has not started yet.
func waitingReason(s *corev1.PodStatus, container string) string {
	for _, c := range slices.Concat(s.ContainerStatuses, s.InitContainerStatuses) {
		if c.Name == container && c.State.Waiting != nil {
			return c.State.Waiting.Reason
		}
	}
	return "ContainerCreating"
}
