// Package rollout watches the objects of a release until all of them are ready or
// one has failed, and reports why with the messages of the scheduler, the kubelet
// and the controllers.
//
// A Watcher runs the informers of a namespace; it never polls. Watch follows one
// release. Every change in the caches triggers an evaluation:
//
//	lister → view (objects of the release and of its newest revision)
//	       → []Status (a tree: workload, pod, container, each in one state)
//	       → rules (a table: terminal, transient or progressing)
//	       → nil, a Failure, or a wait for the next change or timeout
//
// The package does not know recipes. The table in rules.go and the pure function
// classify define what the state of a container means.
package rollout

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// Target describes what to watch: the objects of one release.
type Target struct {
	Name              string // value of the label on every object and pod of the release
	Objects           []*unstructured.Unstructured
	RequireCompletion bool // wait until Jobs complete, because other releases need their output

	// Redact removes the values of the Secrets that a pod reads from lines of its
	// logs. It may be nil.
	Redact func(ctx context.Context, pod *corev1.PodSpec, lines []string) []string

	absent    map[string]bool // workloads that the server does not have
	forbidden map[string]bool // workloads that the user is not permitted to read
}

// State is the state of an object or a container.
type State string

// The states. A Degraded object may recover by itself, a Failed one does not.
const (
	Waiting     State = "waiting" // for something that is expected to happen
	Running     State = "running" // started, not ready yet
	Ready       State = "ready"
	Completed   State = "completed"
	Degraded    State = "degraded"    // unhealthy, may recover by itself
	Failed      State = "failed"      // unhealthy, does not recover
	Terminating State = "terminating" // being deleted, or belongs to a previous revision
	Deleted     State = "deleted"     // existed earlier
)

// Status is one line of the tree: the state of an object or of a pod's container.
type Status struct {
	Object    string `json:"object"`              // kind.group/name
	Container string `json:"container,omitempty"` // of a pod
	State     State  `json:"state"`
	Reason    string `json:"reason,omitempty"`  // as Kubernetes reports it
	Message   string `json:"message,omitempty"` // from the component that reports the state
	Node      string `json:"node,omitempty"`    // of the pod
	// Phase is the part of the start that a container is in, according to its log.
	Phase startup.Phase `json:"phase,omitempty"`
	Depth int           `json:"-"` // indentation in the tree
	// Limit is how long the kubelet may pull the image before the rollout fails; 0 if it
	// does not pull one.
	Limit time.Duration `json:"-"`

	symptom symptom
	pod     *podView // nil for the line of any other object
	uid     string   // of the object
}

// Text returns the status in one line, without the name of the object.
func (s Status) Text() string {
	switch {
	case s.Reason != "" && s.Message != "":
		return s.Reason + ": " + s.Message
	case s.Reason != "":
		return s.Reason
	case s.Message != "":
		return s.Message
	}
	return string(s.State)
}

// String returns the status in one line, with the name of the object.
func (s Status) String() string {
	if s.Container != "" {
		return s.Object + ": container " + s.Container + ": " + s.Text()
	}
	return s.Object + ": " + s.Text()
}

// done reports whether the watch does not have to wait for the object.
func (s Status) done() bool {
	return s.State == Ready || s.State == Completed || s.State == Terminating || s.State == Deleted
}

// Change reports a status that differs from the last one, or a note about the watch.
type Change struct {
	Time time.Time `json:"time"`
	Note string    `json:"note,omitempty"` // if set, Status is empty
	Status
}

// IsWorkload reports whether o runs pods. Only workloads decide whether a release
// is ready: a Service or a ConfigMap is ready once it exists.
func IsWorkload(o *unstructured.Unstructured) bool {
	switch group := o.GroupVersionKind().Group; group {
	case "apps", "batch", leaderWorkerSet.Group:
		return true
	}
	return false
}

// WorkloadKinds returns the kinds of workloads that recipes become.
func WorkloadKinds() []schema.GroupKind {
	return []schema.GroupKind{deployment, job, leaderWorkerSet}
}

// The kinds that the package handles.
var (
	podKind         = schema.GroupKind{Kind: "Pod"}
	eventKind       = schema.GroupKind{Kind: "Event"}
	claimKind       = schema.GroupKind{Kind: "PersistentVolumeClaim"}
	deployment      = schema.GroupKind{Group: "apps", Kind: "Deployment"}
	replicaSet      = schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}
	statefulSet     = schema.GroupKind{Group: "apps", Kind: "StatefulSet"}
	job             = schema.GroupKind{Group: "batch", Kind: "Job"}
	leaderWorkerSet = schema.GroupKind{Group: "leaderworkerset.x-k8s.io", Kind: "LeaderWorkerSet"}
	scaledObject    = schema.GroupKind{Group: "keda.sh", Kind: "ScaledObject"}
	autoscaler      = schema.GroupKind{Group: "autoscaling", Kind: "HorizontalPodAutoscaler"}
	queued          = schema.GroupKind{Group: "kueue.x-k8s.io", Kind: "Workload"}
)
