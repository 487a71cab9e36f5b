package rollout

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// containers returns the status of each container of a scheduled pod, init containers
// first.
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

// waiting sets the status of a waiting container: the kubelet's reason and message, or
// the last event if those say only that the container is being created.
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

// backOff matches the kubelet's prefix of the last pull error.
var backOff = regexp.MustCompile(`^Back-off pulling image "[^"]*": ErrImagePull: `)

// pulling is the reason of the kubelet's event when it starts to pull an image.
const pulling = "Pulling"

// pull returns the last event about pulling a container's image, or nil if the node had
// the image.
func (p *podView) pull(container string) *event {
	e := latest(p.events, container, pulling, "Pulled")
	if e == nil || e.reason == "Pulled" && !strings.HasPrefix(e.message, "Successfully pulled") {
		return nil
	}
	return e
}

// names matches the names that the kubelet appends to messages; the status has them.
var names = regexp.MustCompile(` container=\S+ pod=\S+$`)

func withoutNames(message string) string { return names.ReplaceAllString(message, " container") }

// running sets the status of a running container: its last crash or failing probe, and
// how far its start has come.
func (p *podView) running(s Status, c corev1.ContainerStatus) Status {
	s.State = Running
	if c.Ready {
		s.State = Ready
		return s
	}
	if last := c.LastTerminationState.Terminated; last != nil {
		s.Message = "running, after " + source.Count(c.RestartCount, "restart") + ": " + p.ending(c, last)
		s.symptom = symptom{source: onProbe, message: s.Message}
		if p.verdict(c.Name) == signature.Terminal {
			s.symptom = p.crash(c, last)
		}
	} else if e := latest(p.events, c.Name, "Unhealthy", "FailedPostStartHook", "ProbeWarning"); e != nil {
		s.Reason, s.Message = e.reason, e.message
		s.symptom = symptom{source: onProbe, reason: e.reason, message: e.message}
	}
	return p.withProgress(s, c.Name)
}

// withProgress replaces the status of a starting container by its progress. A crash stays
// in it, and a probe that has failed since the server is up.
func (p *podView) withProgress(s Status, container string) Status {
	progress := p.progress[container]
	if progress.Text == "" {
		return s
	}
	s.Phase = progress.Phase
	switch before := s.Text(); {
	case strings.HasPrefix(s.Message, "running, after "):
		s.Message = progress.Text + strings.TrimPrefix(s.Message, "running")
	case s.Phase == startup.PhaseServe && p.unhealthySince(container, progress.since):
		s.Message = progress.Text + "; " + before
	default:
		s.Message = progress.Text
	}
	s.Reason = ""
	return s
}

// unhealthySince reports whether a probe of a container has failed after a time.
func (p *podView) unhealthySince(container string, t time.Time) bool {
	e := latest(p.events, container, "Unhealthy")
	return e != nil && e.last.After(t)
}

// ending describes how a container terminated.
func (p *podView) ending(c corev1.ContainerStatus, t *corev1.ContainerStateTerminated) string {
	text := fmt.Sprintf("exit code %d", t.ExitCode)
	if t.Signal != 0 {
		text = fmt.Sprintf("signal %d", t.Signal)
	}
	switch {
	case c.State.Terminated != nil && c.RestartCount > 0:
		text += ", after " + source.Count(c.RestartCount, "restart")
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

// startFailed reports whether the program never started. The message then is the
// runtime's, otherwise the program's own, which may contain secrets.
func startFailed(t *corev1.ContainerStateTerminated) bool {
	return t.Reason == "StartError" || t.Reason == "ContainerCannotRun"
}

// probeKill matches the kubelet's event of killing a container for a failed probe.
var probeKill = regexp.MustCompile(`failed (startup|liveness) probe`)

// killedBy returns the message of that event and of the probe, or "": "Container main
// failed startup probe, will be restarted: Startup probe failed: …".
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
	s := symptom{source: onCrash, reason: t.Reason, exit: t.ExitCode, count: int(c.RestartCount) + 1, message: p.killedBy(c), verdict: p.verdict(c.Name)}
	if startFailed(t) {
		s.message = t.Message
	}
	return s
}
