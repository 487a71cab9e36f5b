package rollout

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Budgets are how long each part of a start may take. They run only while that
// part is what is waited for: a slow image takes nothing from a slow model.
type Budgets struct {
	Schedule time.Duration // until a pod has a node, or a workload has pods
	Pull     time.Duration // until a container's image is there and it starts
	Start    time.Duration // until a container that runs is ready; its own probes may give it more
	Settle   time.Duration // for which a workload has to stay ready
}

// DefaultBudgets suit large images and models.
func DefaultBudgets() Budgets {
	return Budgets{
		Schedule: 5 * time.Minute,  // an autoscaler that adds a node begins it anew
		Pull:     30 * time.Minute, // tens of gigabytes at a few MB/s
		Start:    10 * time.Minute,
		Settle:   3 * time.Second, // the kubelet looks at containers once a second, or two where it is busy: a crash at the start shows by then
	}
}

// The names of the budgets.
const (
	scheduleBudget = "schedule"
	pullBudget     = "pull"
	startBudget    = "start"
)

// charge is a budget that runs.
type charge struct {
	budget  string // "": none
	key     string
	limit   time.Duration
	endless bool // what is waited for may take any time
}

// charge returns the budget that a status runs on.
func (b Budgets) charge(s Status) charge {
	if s.symptom.on == onQueue || s.symptom.reason == "SchedulingGated" {
		return charge{endless: true} // others go first
	}
	if s.about == nil || s.done() {
		return charge{}
	}
	key := s.uid + " " + s.Container + " "
	switch pod := s.about; {
	case s.Container == "" && s.Node == "":
		if e := latest(pod.events, "", scaleUp); e != nil {
			key += e.version
		}
		return charge{budget: scheduleBudget, key: key + scheduleBudget, limit: b.Schedule}
	case s.Container == "" && !pod.started():
		return charge{budget: pullBudget, key: key + pullBudget, limit: b.Pull}
	case s.Container == "": // its containers have budgets of their own
	case pod.initializes(s.Container):
		return charge{endless: true} // it downloads a model, or is a Job's work
	case pod.ran(s.Container):
		return charge{budget: startBudget, key: key + startBudget, limit: max(b.Start, pod.startTime(s.Container))}
	case pod.initialized() || pod.nextInit() == s.Container:
		return charge{budget: pullBudget, key: key + pullBudget, limit: b.Pull}
	}
	return charge{}
}

// initializes reports whether an init container is at work.
func (p *podView) initializes(container string) bool {
	for _, c := range p.Status.InitContainerStatuses {
		if c.Name == container {
			return c.State.Running != nil
		}
	}
	return false
}

// nextInit is the init container that is to start, or "".
func (p *podView) nextInit() string {
	for _, c := range p.Status.InitContainerStatuses {
		switch {
		case c.State.Waiting != nil:
			return c.Name
		case c.State.Running != nil && (c.Started == nil || !*c.Started || !p.goesOnBeside(c.Name)):
			return ""
		}
	}
	return ""
}

// goesOnBeside reports whether an init container runs beside those that follow it.
func (p *podView) goesOnBeside(container string) bool {
	return slices.ContainsFunc(p.Spec.InitContainers, func(c corev1.Container) bool {
		return c.Name == container && c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
	})
}

// initialized reports whether all init containers have done their work.
func (p *podView) initialized() bool {
	c := p.condition(corev1.PodInitialized)
	return c == nil || c.Status == corev1.ConditionTrue
}

// ran reports whether the container has run at least once.
func (p *podView) ran(container string) bool {
	for _, c := range append(append([]corev1.ContainerStatus{}, p.Status.InitContainerStatuses...), p.Status.ContainerStatuses...) {
		if c.Name == container {
			return c.State.Running != nil || c.State.Terminated != nil || c.LastTerminationState.Terminated != nil
		}
	}
	return false
}

// startTime is how long a container's probes give it to become ready.
func (p *podView) startTime(container string) time.Duration {
	for _, c := range p.Spec.Containers {
		if c.Name == container {
			return span(c.StartupProbe) + max(span(c.ReadinessProbe), span(c.LivenessProbe))
		}
	}
	return 0
}

// span is how long a probe may fail before it counts.
func span(probe *corev1.Probe) time.Duration {
	if probe == nil {
		return 0
	}
	seconds := func(n, unset int32) time.Duration {
		if n == 0 {
			n = unset
		}
		return time.Duration(n) * time.Second
	}
	period, timeout := seconds(probe.PeriodSeconds, 10), seconds(probe.TimeoutSeconds, 1)
	return seconds(probe.InitialDelaySeconds, 0) + time.Duration(max(probe.FailureThreshold, 3))*max(period, timeout) + timeout
}

// exhausted words a budget that has run out.
func (c charge) exhausted() string {
	what := map[string]string{
		scheduleBudget: "not scheduled", pullBudget: "not started", startBudget: "not ready",
	}[c.budget]
	return fmt.Sprintf("%s within %s", what, c.limit)
}
