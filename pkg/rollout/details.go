package rollout

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

const (
	detailLines = 20              // of a log, and number of events
	logTimeout  = 5 * time.Second // a dead node never answers
	logBytes    = signature.MaxBytes
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
	if c := f.pod.crashes[f.Container]; c != nil {
		f.setSignature(c.match)
		if len(c.log.Lines) > 0 {
			f.Details = append(f.Details, c.log)
		}
		return
	}
	// The context of the watch may have expired.
	if e := w.log(context.Background(), f.pod, f.Container, detailLines); len(e.Lines) > 0 {
		f.Details = append(f.Details, e)
	}
}

// log returns the last log lines of the container's failed run: the previous run if
// it was restarted, else the current one.
func (w *Watcher) log(ctx context.Context, pod *podView, container string, lines int64) Detail {
	previous := pod.crashedBefore(container)
	e := Detail{From: "log"}
	if previous {
		e.From = "previous log"
	}
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	limit := int64(logBytes)
	stream, err := w.pods.GetLogs(pod.Name, &corev1.PodLogOptions{Container: container, Previous: previous, TailLines: &lines, LimitBytes: &limit}).Stream(ctx)
	if err != nil {
		e.Lines = []string{"not available: " + err.Error()}
		return e
	}
	defer func() { _ = stream.Close() }()
	data, _ := io.ReadAll(io.LimitReader(stream, limit))  // a partial log is useful; some nodes ignore the limit
	if int64(len(data)) == limit && lines > detailLines { // the limit removed the end
		return w.log(ctx, pod, container, lines/10)
	}
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
