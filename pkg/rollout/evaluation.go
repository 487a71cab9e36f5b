package rollout

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// evaluation is the result of evaluating a view.
type evaluation struct {
	tree      []Status
	ready     bool      // every workload is ready and has settled
	failed    *Failure  // the first terminal status, else the first expired timeout
	requeueAt time.Time // when time alone may change the result; zero: never

	pending bool // a timer is running, or a status waits without a limit
}

// tree returns a status for every object of the release: the claims first, because
// pods wait for them, then each workload with its pods and containers.
func (v view) tree() []Status {
	var all []Status
	for _, c := range v.claims {
		all = append(all, c.claimStatus())
	}
	for _, w := range v.workloads {
		all = append(all, w.statuses()...)
	}
	return all
}

// evaluate evaluates the view at the time now.
func (t *tracker) evaluate(v view, timeouts Timeouts, now time.Time) evaluation {
	t.begin()
	defer t.end()
	t.recordEvictions(v)
	r := evaluation{tree: v.tree(), ready: true}
	var exhausted *Failure
	for i := range r.tree {
		s := &r.tree[i]
		r.requeue(t.setState(s, now))
		if s.State == Failed && r.failed == nil {
			r.failed = newFailure(*s, v, terminalCause, "")
		}
		c := timeouts.timer(*s)
		if c.name == pullTimeout && s.Reason == pulling {
			s.Limit = c.limit
		}
		r.pending = r.pending || c.unlimited || c.name != ""
		if c.name != "" && t.expired(c, now, &r) && exhausted == nil {
			exhausted = newFailure(*s, v, c.name, c.message())
		}
	}
	for _, w := range v.workloads {
		if failure := t.evaluateWorkload(w, &r, v, timeouts, now); exhausted == nil {
			exhausted = failure
		}
	}
	if r.failed == nil {
		r.failed = exhausted
	}
	return r
}

// expired reports whether a timer has expired. If not, it schedules an evaluation.
func (t *tracker) expired(c timer, now time.Time, r *evaluation) bool {
	end := t.seenSince(c.key, now).Add(c.limit)
	r.requeue(end)
	return !end.After(now)
}

// evaluateWorkload decides whether a workload is ready. A workload that is not, and
// has no pod with a running timer, gets a timer itself.
func (t *tracker) evaluateWorkload(w *workloadView, r *evaluation, v view, timeouts Timeouts, now time.Time) *Failure {
	s := r.tree[slices.IndexFunc(r.tree, func(s Status) bool { return s.Object == objref.ID(w.object) })]
	if f := t.checkRemoved(w, r, v, now); f != nil {
		r.ready = false
		return f
	}
	if s.State == Completed {
		return nil
	}
	if s.State == Ready {
		if !w.settled(now) && !t.expired(timer{key: s.uid + " settles", limit: timeouts.Settle}, now, r) {
			r.ready = false
		}
		return nil
	}
	r.ready = false
	c := timer{name: scheduleTimeout, key: s.Object + " idle", limit: timeouts.Schedule}
	if !r.pending && s.Message != completing && t.expired(c, now, r) {
		return newFailure(s, v, c.name, "not ready within "+c.limit.String())
	}
	return nil
}

// removalGrace is how long a workload may be missing while it is being replaced.
const removalGrace = 5 * time.Second

// checkRemoved returns a failure if a workload that existed was deleted and nothing
// recreated it.
func (t *tracker) checkRemoved(w *workloadView, r *evaluation, v view, now time.Time) *Failure {
	name := objref.ID(w.object)
	if w.live != nil {
		t.observed[name] = true
		return nil
	}
	if !t.observed[name] {
		return nil
	}
	s := &r.tree[slices.IndexFunc(r.tree, func(s Status) bool { return s.Object == name })]
	s.State, s.Message = Degraded, "was deleted"
	if !t.expired(timer{key: name + " removed", limit: removalGrace}, now, r) {
		return nil
	}
	s.State = Failed
	return newFailure(*s, v, terminalCause, "")
}

// settled reports whether a ready workload can be trusted at once: every pod has
// readiness probes, has completed, or has been ready for a minute. Without pods it
// cannot, because one may be about to be created.
func (w *workloadView) settled(now time.Time) bool {
	current := slices.DeleteFunc(slices.Clone(w.pods), func(p *podView) bool { return p.old || p.DeletionTimestamp != nil })
	if len(current) == 0 || w.live.GroupVersionKind().GroupKind() == leaderWorkerSet {
		return false
	}
	return !slices.ContainsFunc(current, func(p *podView) bool { return !p.settled(now) })
}

func (p *podView) settled(now time.Time) bool {
	ready := p.condition(corev1.PodReady)
	long := ready != nil && ready.Status == corev1.ConditionTrue && now.Sub(ready.LastTransitionTime.Time) > time.Minute
	probed := !slices.ContainsFunc(p.Spec.Containers, func(c corev1.Container) bool { return c.ReadinessProbe == nil })
	return long || probed || p.Status.Phase == corev1.PodSucceeded
}

// requeue schedules an evaluation at a time, unless an earlier one is scheduled.
func (r *evaluation) requeue(at time.Time) {
	if !at.IsZero() && (r.requeueAt.IsZero() || at.Before(r.requeueAt)) {
		r.requeueAt = at
	}
}
