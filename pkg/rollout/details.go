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
	detailLines = 20              // of a log, and number of events
	logTimeout  = 5 * time.Second // a dead node never answers
	logBytes    = 64 << 10        // of a log
)

// collect adds events and the log of the failed container to a failure.
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

// log returns the last log lines of the container's failed run: the previous run if
// it was restarted, else the current one.
func (w *Watcher) log(pod *podView, container string) Detail {
	previous := pod.crashedBefore(container)
	e := Detail{From: "log"}
	if previous {
		e.From = "previous log"
	}
	// The context of the watch may have expired.
	ctx, cancel := context.WithTimeout(context.Background(), logTimeout)
	defer cancel()
	lines, limit := int64(detailLines), int64(logBytes)
	stream, err := w.pods.GetLogs(pod.Name, &corev1.PodLogOptions{Container: container, Previous: previous, TailLines: &lines, LimitBytes: &limit}).Stream(ctx)
	if err != nil {
		e.Lines = []string{"not available: " + err.Error()}
		return e
	}
	defer func() { _ = stream.Close() }()
	data, _ := io.ReadAll(stream) // a partial log is useful
	if text := strings.TrimRight(string(data), "\n"); text != "" {
		e.Lines = strings.Split(text, "\n")
	}
	return e
}

// crashedBefore reports whether the last crash ended a previous run.
func (p *podView) crashedBefore(container string) bool {
	return slices.ContainsFunc(slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses), func(c corev1.ContainerStatus) bool {
		return c.Name == container && c.State.Terminated == nil && c.LastTerminationState.Terminated != nil
	})
}
