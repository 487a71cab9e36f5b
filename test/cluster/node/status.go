package node

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// settle derives a status's phase and conditions from its containers.
func settle(p *corev1.Pod, s *corev1.PodStatus) {
	s.ObservedGeneration = p.Generation
	if !final(s.Phase) {
		s.Phase = phase(p, s)
	}
	if s.Phase == corev1.PodSucceeded {
		stopSidecars(p, s)
	}
	sandbox := corev1.PodCondition{Type: corev1.PodReadyToStartContainers, Status: corev1.ConditionTrue}
	if s.PodIP == "" || final(s.Phase) {
		sandbox.Status = corev1.ConditionFalse
	}
	ready := containersReady(p, s)
	for _, c := range []corev1.PodCondition{sandbox, initialized(p, s), ready} {
		setCondition(p, s, c)
	}
	ready.Type = corev1.PodReady
	setCondition(p, s, ready)
}

// phase is Pending while a container has yet to start for the first time, as a kubelet
// has it.
func phase(p *corev1.Pod, s *corev1.PodStatus) corev1.PodPhase {
	waiting, ended := 0, 0
	for _, c := range s.InitContainerStatuses {
		if c.State.Waiting != nil {
			waiting++
		}
	}
	for _, c := range s.ContainerStatuses {
		switch {
		case c.State.Waiting != nil && c.LastTerminationState.Terminated == nil:
			waiting++
		case c.State.Terminated != nil:
			ended++
		}
	}
	switch {
	case waiting > 0 || len(s.ContainerStatuses) == 0:
		return corev1.PodPending
	case ended == len(p.Spec.Containers):
		return corev1.PodSucceeded // simulated containers end well
	}
	return corev1.PodRunning
}

// stopSidecars ends the init containers that ran beside a Job's containers.
func stopSidecars(p *corev1.Pod, s *corev1.PodStatus) {
	for _, c := range containers(p.Spec.InitContainers, s.InitContainerStatuses, true) {
		if c.status.State.Running != nil {
			end(c, 0)
		}
	}
}

func initialized(p *corev1.Pod, s *corev1.PodStatus) corev1.PodCondition {
	var incomplete []string
	for _, c := range containers(p.Spec.InitContainers, s.InitContainerStatuses, true) {
		if !c.status.Ready {
			incomplete = append(incomplete, c.Name)
		}
	}
	switch {
	case s.Phase == corev1.PodSucceeded:
		return corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue, Reason: "PodCompleted"}
	case len(incomplete) > 0:
		return corev1.PodCondition{
			Type: corev1.PodInitialized, Status: corev1.ConditionFalse, Reason: "ContainersNotInitialized",
			Message: fmt.Sprintf("containers with incomplete status: [%s]", strings.Join(incomplete, " ")),
		}
	}
	return corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}
}

func containersReady(p *corev1.Pod, s *corev1.PodStatus) corev1.PodCondition {
	no := corev1.PodCondition{Type: corev1.ContainersReady, Status: corev1.ConditionFalse}
	var unready []string
	for _, c := range containers(p.Spec.InitContainers, s.InitContainerStatuses, true) {
		if c.sidecar() && !c.status.Ready {
			unready = append(unready, c.Name)
		}
	}
	for _, c := range s.ContainerStatuses {
		if !c.Ready {
			unready = append(unready, c.Name)
		}
	}
	switch {
	case s.Phase == corev1.PodSucceeded:
		no.Reason = "PodCompleted"
	case s.Phase == corev1.PodFailed:
		no.Reason = "PodFailed"
	case len(unready) > 0:
		no.Reason = "ContainersNotReady"
		no.Message = fmt.Sprintf("containers with unready status: [%s]", strings.Join(unready, " "))
	default:
		no.Status = corev1.ConditionTrue
	}
	return no
}

// setCondition keeps the time of the last transition unless there is one.
func setCondition(p *corev1.Pod, s *corev1.PodStatus, c corev1.PodCondition) {
	c.ObservedGeneration = p.Generation
	for i, old := range s.Conditions {
		if old.Type != c.Type {
			continue
		}
		c.LastTransitionTime = old.LastTransitionTime
		if old.Status != c.Status {
			c.LastTransitionTime = metav1.Now()
		}
		s.Conditions[i] = c
		return
	}
	c.LastTransitionTime = metav1.Now()
	s.Conditions = append(s.Conditions, c)
}
