package rollout

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	detailLines = 20              // of a log, and of events
	logTimeout  = 5 * time.Second // a node that is gone answers never
	logBytes    = 64 << 10        // of those lines
)

// collect adds to a failure what bears it out.
func (w *Watcher) collect(f *Failure, s lister) {
	if f.uid == "" {
		return
	}
	events := s.events(f.uid)
	if f.pod != nil {
		events = s.events(string(f.pod.UID))
	}
	if lines := warnings(events, f.Message); len(lines) > 0 {
		f.Details = append(f.Details, Detail{"events", lines})
	}
	if f.pod == nil || f.Container == "" || !f.pod.ran(f.Container) {
		return
	}
	if e := w.log(f.pod, f.Container); len(e.Lines) > 0 {
		f.Details = append(f.Details, e)
	}
}

// log returns the last lines of the container's run that failed: the one
// before where it runs again or waits to, else the present one.
func (w *Watcher) log(pod *podView, container string) Detail {
	previous := pod.crashedBefore(container)
	e := Detail{From: "log"}
	if previous {
		e.From = "log of the previous run"
	}
	// The watch may have ended because its time is up; this is for what comes after.
	ctx, cancel := context.WithTimeout(context.Background(), logTimeout)
	defer cancel()
	lines, limit := int64(detailLines), int64(logBytes)
	stream, err := w.pods.GetLogs(pod.Name, &corev1.PodLogOptions{Container: container, Previous: previous, TailLines: &lines, LimitBytes: &limit}).Stream(ctx)
	if err != nil {
		e.Lines = []string{"not to be had: " + err.Error()}
		return e
	}
	defer func() { _ = stream.Close() }()
	data, _ := io.ReadAll(stream) // as far as it came
	if text := strings.TrimRight(string(data), "\n"); text != "" {
		e.Lines = strings.Split(text, "\n")
	}
	return e
}

// crashedBefore reports whether the container's last crash is not of its present run.
func (p *podView) crashedBefore(container string) bool {
	return slices.ContainsFunc(slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses), func(c corev1.ContainerStatus) bool {
		return c.Name == container && c.State.Terminated == nil && c.LastTerminationState.Terminated != nil
	})
}
