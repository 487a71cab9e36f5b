package rollout

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime/schema"
)

// watchedKind is a kind of object that a watch uses.
type watchedKind struct {
	kind     schema.GroupKind
	optional bool   // the watch continues without the permission or the API
	purpose  string // what the watch cannot report without it
}

// WatchedKinds returns the kinds whose changes can change the status of a release:
// workloads and pods.
func WatchedKinds() []schema.GroupKind { return append(WorkloadKinds(), podKind) }

// watchedKinds returns the kinds to watch for a target: its workloads, their pods, and
// kinds that explain their state.
func watchedKinds(target Target) []watchedKind {
	list := []watchedKind{{kind: podKind, purpose: "pods and why they do not start"}}
	more := func(kind schema.GroupKind, loss string) {
		if !slices.ContainsFunc(list, func(n watchedKind) bool { return n.kind == kind }) {
			list = append(list, watchedKind{kind, loss != "", loss})
		}
	}
	for _, o := range target.Objects {
		kind := o.GroupVersionKind().GroupKind()
		if IsWorkload(o) {
			more(kind, "")
		}
		switch kind {
		case deployment:
			more(replicaSet, "why pods of a Deployment cannot be created")
		case leaderWorkerSet:
			more(statefulSet, "why pods of a LeaderWorkerSet cannot be created")
		case scaledObject:
			more(scaledObject, "the status of the autoscaler")
			more(autoscaler, "the status of the autoscaler")
		case job:
			if _, queue := o.GetLabels()["kueue.x-k8s.io/queue-name"]; queue {
				more(queued, "why a Job is not admitted")
			}
		}
	}
	more(claimKind, "provisioning of volumes")
	more(eventKind, "image pulls, probes and mounts, which only events report")
	return list
}
