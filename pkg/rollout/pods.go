package rollout

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// blockingEvents lists the events that explain why no container of a pod starts.
var blockingEvents = []string{
	"FailedMount", "FailedAttachVolume", "FailedMapVolume", "FailedMountOnFilesystemMismatch",
	"FailedCreatePodSandBox", "NetworkNotReady", "FailedPrepareDynamicResources", "FailedCreatePodContainer",
}

// statuses returns the statuses of the pod and its containers.
func (p *podView) statuses(depth int) []Status {
	s := Status{Object: objref.NameID(podKind, p.Name), Node: p.Spec.NodeName, Depth: depth, pod: p, uid: string(p.UID)}
	switch {
	case p.DeletionTimestamp != nil:
		s.State = Terminating
		return []Status{s}
	case p.old:
		s.State, s.Message = Terminating, "belongs to a previous revision"
		return []Status{s}
	case p.failed():
		s.State = Degraded
		s.Reason, s.Message = p.failure()
		if s.Reason == "" {
			s.Message = "failed"
		}
		s.Message = strings.TrimSpace(s.Message)
		s.symptom = symptom{source: onPod, reason: s.Reason, message: s.Message}
		if p.earlier > 0 {
			s.Message = strings.TrimSuffix(s.Message, ".") + "; " + source.Count(p.earlier, "earlier pod") + " failed as well"
		}
		return append([]Status{s}, p.containers(s)...)
	case p.Status.Phase == corev1.PodSucceeded:
		s.State = Completed
		return []Status{s}
	case p.Spec.NodeName == "":
		return []Status{p.unscheduled(s)}
	}
	return append([]Status{p.scheduled(s)}, p.containers(s)...)
}

// unscheduled sets the status from the scheduler's condition and autoscaler events.
func (p *podView) unscheduled(s Status) Status {
	s.State = Waiting
	if c := p.condition(corev1.PodScheduled); c != nil && c.Status == corev1.ConditionFalse {
		s.Reason, s.Message = c.Reason, c.Message
	}
	if s.Reason == "" {
		return s // the scheduler has not processed it
	}
	s.Message, _, _ = strings.Cut(s.Message, " preemption: ") // why preemption does not help
	s.symptom = symptom{source: onPod, reason: s.Reason, message: s.Message}
	if e := latest(p.events, "", scaleUp, "NotTriggerScaleUp", "Nominated"); e != nil {
		s.Message += "; " + e.reason + ": " + e.message
	}
	return s
}

// scaleUp is the reason of the autoscaler's event about a new node for the pod.
const scaleUp = "TriggeredScaleUp"

// scheduled sets the status of a pod that has a node.
func (p *podView) scheduled(s Status) Status {
	s.State, s.Message = Waiting, "scheduled on "+s.Node
	ready := p.condition(corev1.PodReady)
	switch {
	case ready != nil && ready.Status == corev1.ConditionTrue:
		s.State, s.Message = Ready, ""
	case p.started():
		s.State, s.Message = Running, "running on "+s.Node+", not ready"
		if e := latest(p.events, "", "NodeNotReady"); e != nil && p.onlyNodeIsNotReady() {
			s.State, s.Reason, s.Message = Degraded, e.reason, e.message
			s.symptom = symptom{source: onPod, reason: e.reason, message: e.message}
		}
	default:
		if e := latest(p.events, "", blockingEvents...); e != nil {
			s.State, s.Reason, s.Message = Degraded, e.reason, e.message
			s.symptom = symptom{source: onPod, reason: e.reason, message: e.message, count: int(e.count)}
		}
	}
	if e := latest(p.events, "", noPullSecret); e != nil && !p.started() && s.State != Degraded {
		s.State, s.Reason, s.Message = Degraded, e.reason, e.message
		s.symptom = symptom{source: onPod, reason: e.reason, message: e.message}
	}
	return s
}

// noPullSecret is the reason of the kubelet's event about a missing pull secret.
const noPullSecret = "FailedToRetrieveImagePullSecret"

// started reports whether any container has run.
func (p *podView) started() bool {
	return slices.ContainsFunc(slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses), func(c corev1.ContainerStatus) bool {
		return c.State.Waiting == nil && c.State != corev1.ContainerState{} || c.LastTerminationState.Terminated != nil
	})
}

// onlyNodeIsNotReady reports whether every container is ready. If the pod is not, its
// node has stopped responding.
func (p *podView) onlyNodeIsNotReady() bool {
	return !slices.ContainsFunc(p.Status.ContainerStatuses, func(c corev1.ContainerStatus) bool { return !c.Ready })
}

func (p *podView) condition(kind corev1.PodConditionType) *corev1.PodCondition {
	for i, c := range p.Status.Conditions {
		if c.Type == kind {
			return &p.Status.Conditions[i]
		}
	}
	return nil
}

// failed reports whether the pod has failed and is not being deleted.
func (p *podView) failed() bool {
	return (p.Status.Phase == corev1.PodFailed || p.eviction() != nil) && p.DeletionTimestamp == nil
}

// eviction returns the event of the kubelet that evicted a pod whose containers then
// exited with code 0. Such a pod has succeeded, which completes a Job but no other
// workload.
func (p *podView) eviction() *event {
	policy := p.Spec.RestartPolicy
	if p.Status.Phase != corev1.PodSucceeded || policy == corev1.RestartPolicyNever || policy == corev1.RestartPolicyOnFailure {
		return nil
	}
	return latest(p.events, "", evicted)
}

// failure returns why the pod has failed, as the kubelet reports it.
func (p *podView) failure() (reason, message string) {
	if e := p.eviction(); e != nil {
		return e.reason, e.message
	}
	return p.Status.Reason, p.Status.Message
}

// endedByNode reports whether the kubelet has ended the pod, such as to evict it or to
// shut down the node. A pod whose containers have failed has no reason.
func (p *podView) endedByNode() bool {
	reason, _ := p.failure()
	return p.failed() && reason != ""
}

// evictedForItself reports whether the pod was evicted for exceeding its own limits.
func (p *podView) evictedForItself() bool {
	reason, message := p.failure()
	c, _ := classify(symptom{source: onPod, reason: reason, message: message})
	return (p.Status.Phase == corev1.PodFailed || p.eviction() != nil) && c.kind == kindDisk
}

// defaultContainer returns the container that kubectl uses by default.
func (p *podView) defaultContainer() string { return podspec.DefaultContainer(p.Annotations, &p.Spec) }

// isWorking reports whether the default container is running or has completed. In Jobs
// that upload their output, that is an init container.
func (p *podView) isWorking() bool {
	if p.Status.Phase == corev1.PodSucceeded {
		return true
	}
	if len(p.Spec.Containers) == 0 || p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed {
		return false
	}
	name := p.defaultContainer()
	for _, c := range p.Status.InitContainerStatuses {
		if c.Name == name && (c.State.Running != nil || c.State.Terminated != nil && c.State.Terminated.ExitCode == 0) {
			return true
		}
	}
	ready := p.condition(corev1.PodReady)
	return ready != nil && ready.Status == corev1.ConditionTrue
}
