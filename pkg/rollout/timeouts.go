package rollout

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// Timeouts are how long each part of a start may take. They run only while that
// part is what is waited for: a slow image takes nothing from a slow model.
type Timeouts struct {
	Schedule time.Duration // until a pod has a node, or a workload has pods
	Pull     time.Duration // until a container's image is there and it starts
	Start    time.Duration // until a container that runs is ready; its own probes may give it more
	Settle   time.Duration // for which a workload has to stay ready
}

// DefaultTimeouts suit large images and models.
func DefaultTimeouts() Timeouts {
	return Timeouts{
		Schedule: 5 * time.Minute,  // an autoscaler that adds a node begins it anew
		Pull:     30 * time.Minute, // tens of gigabytes at a few MB/s
		Start:    10 * time.Minute,
		Settle:   3 * time.Second, // the kubelet looks at containers once a second, or two where it is busy: a crash at the start shows by then
	}
}

// The names of the budgets.
const (
	scheduleTimeout = "schedule"
	pullTimeout     = "pull"
	startTimeout    = "start"
)

// timer is a budget that runs.
type timer struct {
	name      string // "": none
	key       string
	limit     time.Duration
	unlimited bool // what is waited for may take any time
}

// timer returns the budget that a status runs on.
func (t Timeouts) timer(s Status) timer {
	if s.symptom.source == onQueue || s.symptom.reason == "SchedulingGated" {
		return timer{unlimited: true} // others go first
	}
	if s.pod == nil || s.done() {
		return timer{}
	}
	key := s.uid + " " + s.Container + " "
	switch pod := s.pod; {
	case s.Container == "" && s.Node == "":
		if e := latest(pod.events, "", scaleUp); e != nil {
			key += e.version
		}
		return timer{name: scheduleTimeout, key: key + scheduleTimeout, limit: t.Schedule}
	case s.Container == "" && !pod.started():
		return timer{name: pullTimeout, key: key + pullTimeout, limit: t.Pull}
	case s.Container == "": // its containers have budgets of their own
	case pod.isInitializing(s.Container):
		return timer{unlimited: true} // it downloads a model, or is a Job's work
	case pod.ran(s.Container):
		return timer{name: startTimeout, key: key + startTimeout, limit: max(t.Start, pod.startAllowance(s.Container))}
	case pod.initialized() || pod.nextInit() == s.Container:
		return timer{name: pullTimeout, key: key + pullTimeout, limit: t.Pull}
	}
	return timer{}
}

// isInitializing reports whether an init container is at work.
func (p *podView) isInitializing(container string) bool {
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
		case c.State.Running != nil && (c.Started == nil || !*c.Started || !p.isSidecar(c.Name)):
			return ""
		}
	}
	return ""
}

// isSidecar reports whether an init container runs beside those that follow it.
func (p *podView) isSidecar(container string) bool {
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

// startAllowance is how long a container's probes give it to become ready.
func (p *podView) startAllowance(container string) time.Duration {
	for _, c := range p.Spec.Containers {
		if c.Name == container {
			return allowance(c.StartupProbe) + max(allowance(c.ReadinessProbe), allowance(c.LivenessProbe))
		}
	}
	return 0
}

// allowance is how long a probe may fail before it counts.
func allowance(probe *corev1.Probe) time.Duration {
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

// message words a budget that has run out.
func (t timer) message() string {
	what := map[string]string{
		scheduleTimeout: "not scheduled", pullTimeout: "not started", startTimeout: "not ready",
	}[t.name]
	return fmt.Sprintf("%s within %s", what, t.limit)
}
