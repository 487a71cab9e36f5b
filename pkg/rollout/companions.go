package rollout

import (
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// companionStatus returns the status of a companion. Only Kueue blocks a workload;
// problems of autoscalers are reported without waiting for them.
func (o *objectView) companionStatus() Status {
	s := Status{Object: objref.ID(o.Unstructured), State: Ready, Depth: 1, uid: string(o.GetUID())}
	relevant := []string{"AbleToScale", "ScalingActive"}
	switch o.GroupVersionKind().GroupKind() {
	case queued:
		return o.queueStatus(s)
	case scaledObject:
		relevant = []string{"Ready"}
	}
	for _, c := range conditions(o.Unstructured) {
		if slices.Contains(relevant, text(c["type"])) && c["status"] == "False" {
			s.State, s.Reason, s.Message = Degraded, text(c["reason"]), text(c["message"])
		}
	}
	return s
}

// queueStatus returns the status of a Job in Kueue's queue.
func (o *objectView) queueStatus(s Status) Status {
	for _, c := range conditions(o.Unstructured) {
		switch {
		case c["type"] == "Admitted" && c["status"] == "True":
			s.State, s.Reason, s.Message, s.symptom = Ready, "", "", symptom{}
			return s
		case c["type"] == "QuotaReserved" && c["status"] == "False", c["type"] == "Evicted" && c["status"] == "True" && s.Reason == "":
			s.State, s.Reason, s.Message = Waiting, text(c["reason"]), text(c["message"])
			s.symptom = symptom{source: onQueue, reason: s.Reason, message: s.Message}
		}
	}
	if s.Reason == "" {
		s.State, s.Message = Waiting, "waiting for Kueue"
	}
	return s
}

// claimStatus returns the status of a PersistentVolumeClaim.
func (o *objectView) claimStatus() Status {
	s := Status{Object: objref.ID(o.Unstructured), State: Waiting, uid: string(o.GetUID())}
	state, _ := o.Object["status"].(map[string]any)
	switch phase := text(state["phase"]); phase {
	case "Bound":
		s.State = Ready
	case "Lost":
		s.State, s.Reason = Degraded, phase
		s.symptom = symptom{source: onClaim, reason: phase}
	default:
		e := latest(o.events, "", "ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer", "WaitForPodScheduled", "ExternalProvisioning", "Provisioning")
		if e == nil {
			s.Message = "not bound"
			return s
		}
		s.Reason, s.Message = e.reason, e.message
		s.symptom = symptom{source: onClaim, reason: e.reason, message: e.message, count: int(e.count)}
		if e.warning || e.reason == "FailedBinding" {
			s.State = Degraded
		}
	}
	return s
}
