package rollout

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// statusLines are the last lines of a log that Watcher.Status reads for the progress.
const statusLines = 100

// starts follows the logs of the starting containers of a release.
type starts struct {
	table     *startup.Table
	followers map[string]*follower // by pod and container: of the last run
	denied    bool                 // the user is not permitted to read logs
}

// followStarts adds the progress of starting containers to the view. It follows their
// logs, or reads the last lines of each for Status.
func (t *release) followStarts(ctx context.Context) {
	var reads sync.WaitGroup
	wanted := map[string]bool{}
	t.view.eachStarting(func(p *podView, c corev1.ContainerStatus) {
		wanted[p.key(c.Name)] = true
		if f := t.followerOf(ctx, p, c); f != nil && t.once {
			reads.Go(func() { t.readOnce(ctx, f, p.Name, c.Name) })
		}
	})
	reads.Wait()
	t.view.eachStarting(func(p *podView, c corev1.ContainerStatus) {
		if f := t.starts.followers[p.key(c.Name)]; f != nil {
			p.addProgress(c.Name, t.progressOf(f))
		}
	})
	for key, f := range t.starts.followers {
		if !wanted[key] {
			f.end()
		}
	}
}

// eachStarting calls do for each container that is starting.
func (v view) eachStarting(do func(*podView, corev1.ContainerStatus)) {
	for _, w := range v.workloads {
		for _, p := range w.pods {
			if p.old || p.DeletionTimestamp != nil || p.Status.Phase == corev1.PodFailed {
				continue
			}
			for _, c := range p.starting() {
				do(p, c)
			}
		}
	}
}

// key identifies a container of the pod.
func (p *podView) key(container string) string { return string(p.UID) + " " + container }

// followerOf returns the follower of a container, or nil if its log is not followed.
func (t *release) followerOf(ctx context.Context, p *podView, c corev1.ContainerStatus) *follower {
	key := p.key(c.Name)
	run := c.ContainerID + c.State.Running.StartedAt.String()
	f := t.starts.followers[key]
	if f != nil && f.run == run {
		return f
	}
	if f != nil {
		f.end()
	}
	if t.starts.denied || t.starts.active() >= followers {
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	f = &follower{pod: p.UID, container: c.Name, run: run, stop: stop, signal: t.reader.signal, redact: func(text string) string {
		switch {
		case ctx.Err() != nil: // nothing is shown any more
			return ""
		case t.target.Redact == nil:
			return text
		}
		return strings.Join(t.target.Redact(ctx, &p.Spec, []string{text}), " ")
	}}
	t.starts.followers[key] = f
	if !t.once {
		go f.follow(ctx, t.logRequest(p.Name, c.Name), t.starts.table.NewLog())
	}
	return f
}

// active returns the number of logs that are followed.
func (s *starts) active() int {
	n := 0
	for _, f := range s.followers {
		if _, stopped, _ := f.state(); !stopped {
			n++
		}
	}
	return n
}

// logRequest returns requests for the log of the current run of a container.
func (t *release) logRequest(pod, container string) logRequest {
	return func(ctx context.Context, since *metav1.Time) (io.ReadCloser, error) {
		o := &corev1.PodLogOptions{Container: container, Follow: true, Timestamps: true, SinceTime: since}
		if since == nil {
			lines := int64(followedLines)
			o.TailLines = &lines
		}
		return t.pods.GetLogs(pod, o).Stream(ctx)
	}
}

// progressOf returns what a follower has read. It notes once that logs cannot be read.
func (t *release) progressOf(f *follower) logProgress {
	progress, stopped, err := f.state()
	if err != nil && !t.starts.denied {
		t.starts.denied = true
		t.note("cannot show startup progress: %v", err)
	}
	if stopped { // the container was ready
		return logProgress{}
	}
	return progress
}

func (p *podView) addProgress(container string, progress logProgress) {
	if p.progress == nil {
		p.progress = map[string]logProgress{}
	}
	p.progress[container] = progress
}

// readOnce reads the last lines of a log.
func (t *release) readOnce(ctx context.Context, f *follower, pod, container string) {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	lines, limit := int64(statusLines), int64(logBytes)
	o := &corev1.PodLogOptions{Container: container, Timestamps: true, TailLines: &lines, LimitBytes: &limit}
	stream, err := t.pods.GetLogs(pod, o).Stream(ctx)
	if apierrors.IsForbidden(err) {
		f.fail(err)
	}
	if err != nil {
		return
	}
	defer func() { _ = stream.Close() }()
	var last time.Time
	if f.read(io.LimitReader(stream, limit), t.starts.table.NewLog(), &last) {
		f.publish()
	}
}
