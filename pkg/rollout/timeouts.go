package rollout

import (
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// Timeouts limit each phase of a start separately: a slow image pull does not
// reduce the time left for a slow model.
type Timeouts struct {
	Schedule time.Duration // until a pod is scheduled, or a workload has pods
	Pull     time.Duration // until a container has its image and starts
	Start    time.Duration // without progress of a running container that is not ready; longer if its probes allow more
	// NoProgress replaces Start, unless it is 0. It also applies to the progress of init
	// containers, and regardless of probes.
	NoProgress time.Duration
	Settle     time.Duration // how long a workload must stay ready
}

// DefaultTimeouts returns timeouts for large images and models.
func DefaultTimeouts() Timeouts {
	return Timeouts{
		Schedule: 5 * time.Minute,  // restarts when an autoscaler adds a node
		Pull:     30 * time.Minute, // tens of gigabytes at a few MB/s
		Start:    10 * time.Minute,
		Settle:   3 * time.Second, // the kubelet relists containers every one or two seconds, so it has seen a crash at startup by then
	}
}

// The names of the timeouts, which are also causes of failures.
const (
	scheduleTimeout = "schedule"
	pullTimeout     = "pull"
	startTimeout    = "start"
)

// timer is a running timeout for one phase of a pod, container or workload.
type timer struct {
	name      string // "": no timeout
	key       string
	limit     time.Duration
	unlimited bool // waits without a limit
	phase     startup.Phase
}

// timer returns the timeout that applies to a status.
func (t Timeouts) timer(s Status) timer {
	if s.symptom.source == onQueue || s.symptom.reason == "SchedulingGated" {
		return timer{unlimited: true} // waits for other jobs
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
	case s.Container == "": // its containers have their own timeouts
	case pod.isInitializing(s.Container) && (t.NoProgress == 0 || s.Phase == ""):
		return timer{unlimited: true} // it downloads a model or does the work of a Job
	case pod.ran(s.Container):
		return t.startTimer(s, key)
	case pod.initialized() || pod.nextInit() == s.Container:
		return timer{name: pullTimeout, key: key + pullTimeout, limit: t.Pull}
	}
	return timer{}
}

// startTimer returns the timeout of a start, which begins again with each progress.
func (t Timeouts) startTimer(s Status, key string) timer {
	limit := max(t.Start, s.pod.startAllowance(s.Container))
	if t.NoProgress > 0 {
		limit = t.NoProgress
	}
	return timer{name: startTimeout, key: fmt.Sprintf("%s%s %d", key, startTimeout, s.pod.progress[s.Container].version), limit: limit, phase: s.Phase}
}

// isInitializing reports whether an init container is running.
func (p *podView) isInitializing(container string) bool {
	for _, c := range p.Status.InitContainerStatuses {
		if c.Name == container {
			return c.State.Running != nil
		}
	}
	return false
}

// nextInit returns the init container that starts next, or "".
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

// isSidecar reports whether a container is a sidecar.
func (p *podView) isSidecar(container string) bool {
	return slices.ContainsFunc(p.Spec.InitContainers, func(c corev1.Container) bool {
		return c.Name == container && podspec.IsSidecar(c)
	})
}

// initialized reports whether all init containers have completed.
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

// startAllowance returns how long a container's probes allow it to become ready.
func (p *podView) startAllowance(container string) time.Duration {
	for _, c := range p.Spec.Containers {
		if c.Name == container {
			return allowance(c.StartupProbe) + max(allowance(c.ReadinessProbe), allowance(c.LivenessProbe))
		}
	}
	return 0
}

// allowance returns how long a probe may fail before the kubelet acts on it.
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

// message describes an expired timeout.
func (t timer) message() string {
	if t.phase != "" {
		return fmt.Sprintf("no progress for %s; last phase: %s", t.limit, t.phase)
	}
	what := map[string]string{
		scheduleTimeout: "not scheduled", pullTimeout: "not started", startTimeout: "not ready",
	}[t.name]
	return fmt.Sprintf("%s within %s", what, t.limit)
}
