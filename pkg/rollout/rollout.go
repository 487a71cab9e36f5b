// Package rollout follows the objects of a release until they work, or until
// one can't, and says why in the words of the scheduler, the kubelet and the
// controllers.
//
// A Watcher holds informers of a namespace: it watches and never polls. Watch
// follows one release in it. Each change is a look at the stores:
//
//	stores → view (what belongs to the release, and to its newest revision)
//	       → []Status (a tree: workload, pod, container, each in one state)
//	       → causes (a table: definitive, transient or waiting)
//	       → nil, a Failure, or wait for the next change or the end of a budget
//
// The package knows no recipe. What a container's state means is one table, in
// causes.go, and a pure function.
package rollout

import (
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Target is what to watch: the objects of one release.
type Target struct {
	Name              string // the value of the label that every object and pod of the release carries
	Objects           []*unstructured.Unstructured
	RequireCompletion bool   // a Job has to be complete, since others need what it makes
	File              string // of the recipe, for the commands of an advice; "" where it is not known

	absent    map[string]bool // workloads of which the server said that they are not there
	forbidden map[string]bool // workloads that the user may not read
}

// State is how an object or a container is.
type State string

// The states. A Degraded object may recover by itself, a Failed one does not.
const (
	Waiting     State = "waiting"     // for something that comes by itself
	Running     State = "running"     // at work, not ready yet
	Ready       State = "ready"       //
	Completed   State = "completed"   //
	Degraded    State = "degraded"    // unhealthy, may recover by itself
	Failed      State = "failed"      // unhealthy, does not recover
	Terminating State = "terminating" // on its way out: deleted, or of an older revision
	Deleted     State = "deleted"     // existed earlier
)

// Status is one line of the tree: how an object, or one container of a pod, is.
type Status struct {
	Object    string `json:"object"`              // kind/name
	Container string `json:"container,omitempty"` // of a pod
	State     State  `json:"state"`
	Reason    string `json:"reason,omitempty"`  // a word of Kubernetes
	Message   string `json:"message,omitempty"` // the words of whoever says it
	Node      string `json:"node,omitempty"`    // where the pod is
	Depth     int    `json:"-"`                 // in the tree

	symptom symptom
	pod     *podView // the pod of a pod's or a container's line
	uid     string   // of the object
}

// Text is the status in one line, without what it is about.
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

// String is the whole line.
func (s Status) String() string {
	if s.Container != "" {
		return s.Object + ": container " + s.Container + ": " + s.Text()
	}
	return s.Object + ": " + s.Text()
}

// done reports whether nothing has to be waited for.
func (s Status) done() bool {
	return s.State == Ready || s.State == Completed || s.State == Terminating || s.State == Deleted
}

// Change is a status that was another before, or a note about the watch itself.
type Change struct {
	Time time.Time `json:"time"`
	Note string    `json:"note,omitempty"` // then it has no status
	Status
}

// IsWorkload reports whether o runs pods, so that its status tells whether the
// release works. A Service or a ConfigMap is ready once it exists.
func IsWorkload(o *unstructured.Unstructured) bool {
	switch group := o.GroupVersionKind().Group; group {
	case "apps", "batch", leaderWorkerSet.Group:
		return true
	}
	return false
}

// The kinds that matter beside those that a release is made of.
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

// id names an object as kubectl does: kind/name.
func id(o *unstructured.Unstructured) string { return idOf(o.GetKind(), o.GetName()) }

func idOf(kind, name string) string { return strings.ToLower(kind) + "/" + name }
