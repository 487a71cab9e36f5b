package rollout

import (
	"context"
	"io"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/logline"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

const (
	followers     = 20                 // logs that a watch follows at a time
	followedLines = signature.MaxLines // of the past, when a log is followed
	followedBytes = 256 << 20          // of one container, after which its log is ignored
	publishEvery  = time.Second        // progress bars change more often
	maxMarks      = 1000               // phases of one container
	maxRetryDelay = 30 * time.Second   // between requests for the same log
)

// follower follows the log of one run of a starting container. It publishes how far the
// start has come, without secret values.
type follower struct {
	pod       types.UID
	container string
	run       string // identifies the run
	stop      context.CancelFunc
	redact    func(text string) string
	signal    func() // that the progress has changed

	mu      sync.Mutex
	stopped bool
	latest  startup.Progress // as read, so it may contain secret values
	shown   logProgress
	timer   *time.Timer // publishes the latest progress, nil if it is published
	at      time.Time   // when progress was last published
	marks   []mark
	err     error // why the log cannot be read
}

// logProgress is how far the start of a container has come, according to its log.
type logProgress struct {
	startup.Progress
	version int       // counts changes
	since   time.Time // when the phase began, by the clock of the node
}

// mark is the time at which a phase began, by the clock of the node.
type mark struct {
	phase startup.Phase
	at    time.Time
}

// logRequest requests a log from a time on, or its last lines.
type logRequest func(ctx context.Context, since *metav1.Time) (io.ReadCloser, error)

// follow reads the log until ctx ends, and continues after its last line if the stream
// ends before.
func (f *follower) follow(ctx context.Context, request logRequest, log *startup.Log) {
	var last time.Time
	delay, left := publishEvery, int64(followedBytes)
	for left > 0 {
		var since *metav1.Time
		if !last.IsZero() {
			since = &metav1.Time{Time: last}
		}
		stream, err := request(ctx, since)
		switch {
		case err == nil:
			limited := &io.LimitedReader{R: stream, N: left}
			if read := f.read(limited, log, &last); read {
				delay = publishEvery
			}
			_ = stream.Close()
			left = limited.N
		case apierrors.IsForbidden(err):
			f.fail(err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
		delay = min(2*delay, maxRetryDelay)
	}
}

// read reads a stream until it ends. It reports whether the stream had lines.
func (f *follower) read(stream io.Reader, log *startup.Log, last *time.Time) (found bool) {
	for lines := logline.NewScanner(stream, *last); lines.Scan(); found = true {
		at := lines.Written()
		if at.IsZero() {
			at = time.Now()
		} else {
			*last = at
		}
		if p, changed := log.Read(lines.Text()); changed {
			f.update(p, at)
		}
	}
	return found
}

// update records progress, and publishes it now or when publishEvery has passed.
func (f *follower) update(p startup.Progress, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := len(f.marks); n == 0 || f.marks[n-1].phase != p.Phase && n < maxMarks {
		f.marks = append(f.marks, mark{p.Phase, at})
	}
	f.latest = p
	if f.timer == nil && !f.stopped {
		f.timer = time.AfterFunc(time.Until(f.at.Add(publishEvery)), f.publish)
	}
}

// publish shows the latest progress.
func (f *follower) publish() {
	f.mu.Lock()
	p, since := f.latest, time.Time{}
	if n := len(f.marks); n > 0 {
		since = f.marks[n-1].at
	}
	f.timer, f.at = nil, time.Now()
	f.mu.Unlock()
	if p.Text != "" {
		p.Text = f.redact(p.Text) // may request Secrets
	}
	f.mu.Lock()
	if p != f.shown.Progress {
		f.shown = logProgress{p, f.shown.version + 1, since}
	}
	f.mu.Unlock()
	f.signal()
}

// fail records that the log cannot be read.
func (f *follower) fail(err error) {
	f.mu.Lock()
	f.err = err
	f.mu.Unlock()
	f.signal()
}

// end stops following. It does not wait.
func (f *follower) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = true
	f.stop()
	if f.timer != nil {
		f.timer.Stop()
	}
}

// state returns the published progress, and why the log cannot be read.
func (f *follower) state() (logProgress, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shown, f.stopped, f.err
}

// starting returns the containers that are running and not ready. The default container
// of a Job that uploads its output is an init container, which does not start a server.
func (p *podView) starting() []corev1.ContainerStatus {
	inits := slices.DeleteFunc(slices.Clone(p.Status.InitContainerStatuses), func(c corev1.ContainerStatus) bool {
		return c.Name == p.defaultContainer()
	})
	return slices.DeleteFunc(slices.Concat(inits, p.Status.ContainerStatuses), func(c corev1.ContainerStatus) bool {
		return c.State.Running == nil || c.Ready
	})
}
