package rollout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// Observer receives the progress of a watch, in order and from one goroutine.
type Observer interface {
	Change(Change)
	// Tree receives the complete state, after the changes that led to it.
	Tree([]Status)
}

// Watch watches a release until every workload of the target is ready. It returns how long
// the start took, or nil if the watch has not seen it. It returns a *Failure if a workload
// fails, a timeout expires, or ctx ends. Any other error means that the release cannot be
// watched.
func (w *Watcher) Watch(ctx context.Context, target Target, timeouts Timeouts, to Observer) (*Startup, error) {
	t, err := w.follow(ctx, target, to, false)
	if apierrors.IsForbidden(err) {
		return nil, hint.Text(fmt.Errorf("installed, but cannot watch the rollout: %w", err), "use --wait=false to deploy without watching")
	}
	if err != nil {
		return nil, err
	}
	defer t.close()
	for {
		r := t.refresh(ctx, timeouts)
		switch {
		case r.failed != nil:
			r.failed.Unfinished = notReady(r.tree)
			return nil, t.describe(r.failed)
		case r.ready:
			return t.startup(), nil
		}
		if err := t.wait(ctx, r); err != nil {
			return nil, err
		}
	}
}

// Status returns the current state of a release, and a failure unless every workload is
// ready. It works without permission to watch: it returns what the user may read, and
// notes the rest.
func (w *Watcher) Status(ctx context.Context, target Target, to Observer) ([]Status, *Failure, error) {
	t, err := w.follow(ctx, target, to, true)
	if err != nil {
		return nil, nil, err
	}
	defer t.close()
	r := t.refresh(ctx, Timeouts{})
	switch {
	case r.failed != nil && r.failed.Cause == terminalCause:
		return r.tree, t.describe(r.failed), nil
	case r.ready:
		return r.tree, nil, nil
	}
	return r.tree, t.describe(newUnfinishedFailure(r.tree, t.view, notReadyCause)), nil
}

// retryInterval is how long to wait before the server is asked again.
const retryInterval = time.Second

// readWorkloads reads each workload from the server. The caches may be older than the
// installed release; older versions of a workload are ignored from here on.
func (t *release) readWorkloads(ctx context.Context) error {
	for _, o := range t.target.Objects {
		if !IsWorkload(o) {
			continue
		}
		mapping, err := t.mapper.RESTMapping(o.GroupVersionKind().GroupKind())
		if err != nil {
			return fmt.Errorf("cannot watch %s: %w", objref.ID(o), err)
		}
		for {
			live, err := t.client.Resource(mapping.Resource).Namespace(t.namespace).Get(ctx, o.GetName(), metav1.GetOptions{})
			if err == nil {
				t.reader.versions[objref.ID(o)] = live.GetResourceVersion()
				t.reader.add(o.GroupVersionKind().GroupKind(), t.label, *live)
			}
			var status apierrors.APIStatus
			if err == nil || errors.As(err, &status) {
				t.target.absent[objref.ID(o)] = apierrors.IsNotFound(err)
				t.target.forbidden[objref.ID(o)] = apierrors.IsForbidden(err)
				break
			}
			select {
			case note := <-t.notes:
				t.note("%s", note)
			case <-time.After(retryInterval):
			case <-ctx.Done():
				return t.contextEnded(ctx)
			}
		}
	}
	return nil
}

// refresh evaluates the current state and reports what has changed since the last time.
func (t *release) refresh(ctx context.Context, timeouts Timeouts) evaluation {
	now := time.Now()
	clock, stands := t.connection.now(now)
	t.view = gather(t.reader, t.target)
	t.diagnose(ctx)
	t.followStarts(ctx)
	t.recordUnready()
	r := t.tracker.evaluate(t.view, timeouts, clock)
	if stands {
		r.requeueAt = time.Time{}
	} else if !r.requeueAt.IsZero() {
		r.requeueAt = r.requeueAt.Add(now.Sub(clock))
	}
	t.tree = r.tree
	seen := map[string]bool{}
	changed := false
	for _, s := range r.tree {
		key := s.Object + " " + s.Container
		seen[key] = true
		if last, ok := t.last[key]; !ok || last.State != s.State || last.Text() != s.Text() {
			t.last[key], changed = s, true
			t.observer.Change(Change{Time: now, Status: s})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(t.last)) {
		if s := t.last[key]; !seen[key] {
			delete(t.last, key)
			changed = true
			if s.Container == "" && !t.view.hasPod(s.Object) {
				t.observer.Change(Change{Time: now, Status: Status{Object: s.Object, State: Deleted}})
			}
		}
	}
	if changed {
		t.observer.Tree(r.tree)
	}
	return r
}

// wait returns when the next evaluation is due. It returns a failure if ctx ends.
func (t *release) wait(ctx context.Context, r evaluation) error {
	var due <-chan time.Time
	if !r.requeueAt.IsZero() {
		timer := time.NewTimer(time.Until(r.requeueAt))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-t.reader.changed:
	case <-due:
	case note := <-t.notes:
		t.note("%s", note)
	case <-ctx.Done():
		return t.contextEnded(ctx)
	}
	return nil
}

// contextEnded returns the failure of a watch whose context has ended.
func (t *release) contextEnded(ctx context.Context) error {
	cause := interruptedCause
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		cause = timeoutCause
	}
	f := newUnfinishedFailure(t.tree, t.view, cause)
	if cause == interruptedCause { // do not delay the exit by reading logs
		f.Remediation.suggest("watch it", commands{t.flags, t.namespace}.blueprint("status", t.target.Name, "-w"))
		return f
	}
	return t.describe(f)
}

func (t *release) describe(f *Failure) *Failure {
	if f.pod != nil {
		f.Pod = &f.pod.Spec
	}
	t.collect(f, t.reader)
	f.Serving = t.view.serving()
	f.suggest(commands{t.flags, t.namespace})
	return f
}

func (t *release) note(format string, args ...any) {
	t.observer.Change(Change{Time: time.Now(), Note: fmt.Sprintf(format, args...)})
}
