package rollout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// containers has a line for each container of a pod that a node has taken, the
// init containers first.
func (p *podView) containers(line Status) []Status {
	line.Depth++
	line.symptom, line.Reason, line.Message = symptom{}, "", ""
	var all []Status
	for _, c := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		line.Container = c.Name
		all = append(all, p.container(line, c))
	}
	return all
}

func (p *podView) container(s Status, c corev1.ContainerStatus) Status {
	switch {
	case c.State.Waiting != nil:
		return p.waiting(s, c)
	case c.State.Terminated != nil && c.State.Terminated.ExitCode == 0:
		s.State = Completed
	case c.State.Terminated != nil:
		s.State, s.Reason, s.Message = Degraded, c.State.Terminated.Reason, p.ending(c, c.State.Terminated)
		s.symptom = p.crash(c, c.State.Terminated)
	case c.State.Running != nil:
		return p.running(s, c)
	default:
		s.State = Waiting
	}
	return s
}

// waiting words a container that does not run: the kubelet's reason and message,
// and where it says no more than that it is at it, the last event.
func (p *podView) waiting(s Status, c corev1.ContainerStatus) Status {
	s.State, s.Reason, s.Message = Waiting, c.State.Waiting.Reason, backOff.ReplaceAllString(c.State.Waiting.Message, "")
	switch s.Reason {
	case "", "ContainerCreating", "PodInitializing":
		s.Reason, s.Message = "", ""
		if e := p.pull(c.Name); e != nil {
			s.Reason, s.Message = e.reason, e.message
		}
		return s
	case "CrashLoopBackOff":
		s.Message = withoutNames(s.Message)
		if last := c.LastTerminationState.Terminated; last != nil {
			s.Message = p.ending(c, last) + "; " + s.Message
			s.symptom = p.crash(c, last)
		}
		s.State = Degraded
		return s
	}
	s.State = Degraded
	s.symptom = symptom{source: onContainer, reason: s.Reason, message: s.Message}
	s.symptom.count = failedPulls(p.events, c.Name, s.Message)
	return s
}

// backOff is what the kubelet puts before the error of the last pull.
var backOff = regexp.MustCompile(`^Back-off pulling image "[^"]*": ErrImagePull: `)

// pull returns what was last said of the pull of a container's image, unless the
// node had it.
func (p *podView) pull(container string) *event {
	e := latest(p.events, container, "Pulling", "Pulled")
	if e == nil || e.reason == "Pulled" && !strings.HasPrefix(e.message, "Successfully pulled") {
		return nil
	}
	return e
}

// names are those with which the kubelet says of what it speaks; the line has
// said that already.
var names = regexp.MustCompile(` container=\S+ pod=\S+$`)

func withoutNames(message string) string { return names.ReplaceAllString(message, " container") }

// running words a container that runs: how its image came, or which probe fails.
func (p *podView) running(s Status, c corev1.ContainerStatus) Status {
	s.State = Running
	if c.Ready {
		s.State = Ready
		return s
	}
	if last := c.LastTerminationState.Terminated; last != nil {
		s.Message = "running, after " + plural(int(c.RestartCount), "restart") + ": " + p.ending(c, last)
		s.symptom = symptom{source: onProbe, message: s.Message}
	} else if e := latest(p.events, c.Name, "Unhealthy", "FailedPostStartHook", "ProbeWarning"); e != nil {
		s.Reason, s.Message = e.reason, e.message
		s.symptom = symptom{source: onProbe, reason: e.reason, message: e.message}
	} else if e := p.pull(c.Name); e != nil {
		s.Message = "running; " + e.message
	}
	return s
}

// ending words how a container ended.
func (p *podView) ending(c corev1.ContainerStatus, t *corev1.ContainerStateTerminated) string {
	text := fmt.Sprintf("exit code %d", t.ExitCode)
	if t.Signal != 0 {
		text = fmt.Sprintf("signal %d", t.Signal)
	}
	switch {
	case c.State.Terminated != nil && c.RestartCount > 0:
		text += ", after " + plural(int(c.RestartCount), "restart")
	case c.State.Terminated == nil && t.Reason != "":
		text = t.Reason + ", " + text
	}
	if startFailed(t) {
		text += ", " + t.Message
	}
	if probe := p.killedBy(c); probe != "" {
		text += ", " + probe
	}
	return text
}

// startFailed reports whether the program never ran; then the message is the
// runtime's, else it is the program's own.
func startFailed(t *corev1.ContainerStateTerminated) bool {
	return t.Reason == "StartError" || t.Reason == "ContainerCannotRun"
}

// probeKill is what the kubelet says when it kills a container for a probe.
var probeKill = regexp.MustCompile(`failed (startup|liveness) probe`)

// killedBy returns those words, if it did, with those of the probe: "Container
// main failed startup probe, will be restarted: Startup probe failed: …".
func (p *podView) killedBy(c corev1.ContainerStatus) string {
	killed := latest(p.events, c.Name, "Killing")
	if killed == nil {
		return ""
	}
	probe := probeKill.FindStringSubmatch(killed.message)
	if probe == nil {
		return ""
	}
	for _, e := range slices.Backward(p.events) {
		if e.container == c.Name && strings.HasPrefix(strings.ToLower(e.message), probe[1]+" probe failed") {
			return killed.message + ": " + e.message
		}
	}
	return killed.message
}

func (p *podView) crash(c corev1.ContainerStatus, t *corev1.ContainerStateTerminated) symptom {
	s := symptom{source: onCrash, reason: t.Reason, exit: t.ExitCode, count: int(c.RestartCount) + 1, message: p.killedBy(c)}
	if startFailed(t) {
		s.message = t.Message
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
