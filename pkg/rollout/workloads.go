package rollout

import (
	"fmt"
	"slices"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// statuses returns the status of the workload and of the objects it created.
func (w *workloadView) statuses() []Status {
	all := []Status{w.status()}
	for _, h := range w.companions {
		all = append(all, h.companionStatus())
	}
	settled := all[0].State == Ready || all[0].State == Completed
	for _, p := range w.shownPods() {
		lines := p.statuses(1)
		if settled && lines[0].symptom.reason == evicted { // another pod has replaced it
			lines[0].symptom = symptom{}
		}
		all = append(all, lines...)
	}
	return all
}

// shownPods returns the pods to show. Of failed pods it returns only the newest,
// because a controller may replace them endlessly.
func (w *workloadView) shownPods() []*podView {
	var newest *podView
	failed := 0
	for _, p := range w.pods {
		if p.failed() && !p.old {
			failed++
			if newest == nil || newest.CreationTimestamp.Before(&p.CreationTimestamp) {
				newest = p
			}
		}
	}
	if newest != nil {
		newest.earlier = failed - 1
	}
	return slices.DeleteFunc(slices.Clone(w.pods), func(p *podView) bool { return p.failed() && p != newest })
}

// hasPod reports whether a pod exists, shown or not.
func (v view) hasPod(object string) bool {
	return slices.ContainsFunc(v.workloads, func(w *workloadView) bool {
		return slices.ContainsFunc(w.pods, func(p *podView) bool { return objref.NameID(podKind, p.Name) == object })
	})
}

// status returns the status of the workload itself: its progress, or why its pods are
// not created.
func (w *workloadView) status() Status {
	s := Status{Object: objref.ID(w.object), State: Waiting}
	if w.live == nil {
		s.Message = "waiting for its first status"
		if w.absent {
			s.Message = "not found; redeploy or undeploy the release"
		}
		if w.forbidden {
			s.Message = "unknown (no permission to get it)"
		}
		return s
	}
	s.uid = string(w.live.GetUID())
	if w.live.GetDeletionTimestamp() != nil {
		s.State, s.Message = Terminating, beingDeleted
		return s
	}
	s = w.liveStatus(s)
	failure := w.createFailure()
	if failure == nil || s.State == Ready || s.State == Completed || s.symptom.source != 0 {
		return s
	}
	s.State, s.Reason, s.Message = Degraded, failure.reason, failure.message
	if !w.endingPods() { // which may free capacity
		s.symptom = *failure
	}
	return s
}

// beingDeleted is the message of a workload that is terminating.
const beingDeleted = "being deleted"

// liveStatus sets the status from the live workload.
func (w *workloadView) liveStatus(s Status) Status {
	switch w.live.GroupVersionKind().GroupKind() {
	case job:
		return w.job(s)
	case leaderWorkerSet:
		return w.leaderWorkerSet(s)
	}
	result, err := status.Compute(w.live.Unstructured)
	switch {
	case err != nil:
		s.State, s.Message = Degraded, err.Error()
	case result.Status == status.CurrentStatus:
		s.State = Ready
	default: // also after its progress deadline: only timeouts fail a rollout
		s.State, s.Message = Running, result.Message
		if paused, _, _ := unstructured.NestedBool(w.live.Object, "spec", "paused"); paused {
			s.Reason = "Paused"
		}
	}
	return s
}

// job sets the status of a Job. It is ready once all of its parallel pods are running,
// since it may take days; only releases that need its output wait for its completion.
func (w *workloadView) job(s Status) Status {
	for _, c := range conditions(w.live.Unstructured) {
		switch {
		case c["status"] != "True":
		case c["type"] == "Complete" || c["type"] == "SuccessCriteriaMet":
			s.State = Completed
			return s
		case c["type"] == "Failed" || c["type"] == "FailureTarget":
			s.State, s.Reason, s.Message = Degraded, text(c["reason"]), text(c["message"])
			s.symptom = symptom{source: onJob, reason: s.Reason, message: s.Message}
			return s
		}
	}
	if suspended, _, _ := unstructured.NestedBool(w.live.Object, "spec", "suspend"); suspended {
		s.Message = "suspended"
		return s
	}
	working, wanted := w.working()
	switch started := slices.ContainsFunc(w.pods, (*podView).started); {
	case working >= wanted && w.requireCompletion:
		s.State, s.Message = Running, completing
	case working >= wanted:
		s.State = Ready
	case w.failedPods() > 0:
		s.State, s.Message = Running, source.Count(w.failedPods(), "pod")+" failed, retrying"
	case !started:
		s.Message = "no pod has started"
	case wanted > 1:
		s.State, s.Message = Running, fmt.Sprintf("pods running: %d/%d", working, wanted)
	default:
		s.State, s.Message = Running, "main container has not started"
	}
	return s
}

// completing is the message of a running Job that must complete. It has no timeout.
const completing = "running; dependents wait until it is complete"

// failedPods counts the crashed pods of a Job, which it replaces on a retry.
func (w *workloadView) failedPods() int {
	failed := 0
	for _, p := range w.pods {
		if slices.ContainsFunc(p.containers(Status{}), func(s Status) bool { return s.symptom.source == onCrash }) {
			failed++
		}
	}
	return failed
}

// working returns the number of running or completed pods of a Job, and how many of
// them it runs in parallel.
func (w *workloadView) working() (working, wanted int64) {
	wanted = 1
	if parallel, ok, _ := unstructured.NestedInt64(w.live.Object, "spec", "parallelism"); ok {
		wanted = max(wanted, parallel)
	}
	if completions, ok, _ := unstructured.NestedInt64(w.live.Object, "spec", "completions"); ok {
		wanted = min(wanted, completions)
	}
	done, _, _ := unstructured.NestedInt64(w.live.Object, "status", "succeeded")
	var ended int64 // the controller may not have counted them yet, or may have deleted others
	for _, p := range w.pods {
		switch {
		case p.Status.Phase == corev1.PodSucceeded:
			ended++
		case p.isWorking():
			working++
		}
	}
	return working + max(done, ended), wanted
}

// leaderWorkerSet sets the status of a LeaderWorkerSet, which is ready when all groups
// are. It has no observedGeneration, so it must also settle after a change.
func (w *workloadView) leaderWorkerSet(s Status) Status {
	groups, found, _ := unstructured.NestedInt64(w.live.Object, "spec", "replicas")
	if !found {
		groups = 1
	}
	ready, _, _ := unstructured.NestedInt64(w.live.Object, "status", "readyReplicas")
	updated, _, _ := unstructured.NestedInt64(w.live.Object, "status", "updatedReplicas")
	if ready >= groups && updated >= groups {
		s.State = Ready
		return s
	}
	s.State, s.Message = Running, fmt.Sprintf("groups ready: %d/%d", min(ready, updated), groups)
	return s
}

// createFailure returns why pods cannot be created, for example a quota or Pod
// Security, or nil. Deployments have a condition for it; for other workloads it is the
// last event.
func (w *workloadView) createFailure() *symptom {
	if w.live.GroupVersionKind().GroupKind() == deployment {
		for _, c := range conditions(w.live.Unstructured) {
			if c["type"] == "ReplicaFailure" && c["status"] == "True" {
				return &symptom{source: onWorkload, reason: text(c["reason"]), message: text(c["message"])}
			}
		}
	}
	for _, o := range slices.Concat([]*objectView{w.live}, w.owners) {
		if len(o.events) == 0 {
			continue
		}
		if e := o.events[len(o.events)-1]; e.reason == "FailedCreate" {
			return &symptom{source: onWorkload, reason: e.reason, message: e.message, count: int(e.count)}
		}
	}
	return nil
}

func (w *workloadView) endingPods() bool {
	return slices.ContainsFunc(w.pods, func(p *podView) bool { return p.DeletionTimestamp != nil })
}

func conditions(o *unstructured.Unstructured) []map[string]any {
	list, _, _ := unstructured.NestedSlice(o.Object, "status", "conditions")
	var all []map[string]any
	for _, c := range list {
		if condition, ok := c.(map[string]any); ok {
			all = append(all, condition)
		}
	}
	return all
}

func text(v any) string {
	s, _ := v.(string)
	return s
}
