package rollout

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// verdicts are what a look comes to.
type verdicts struct {
	tree   []Status
	ready  bool      // every workload is, and has been for a moment
	failed *Failure  // the first definitive cause, or else budget that ran out
	again  time.Time // when time alone may change the verdict

	open bool // a budget runs, or something waits for as long as it takes
}

// tree has a line for all that belongs to the release: the claims, which pods
// wait for, then each workload with its pods and their containers.
func (v view) tree() []Status {
	var all []Status
	for _, c := range v.claims {
		all = append(all, c.claim())
	}
	for _, w := range v.workloads {
		all = append(all, w.statuses()...)
	}
	return all
}

// look judges the view as of now.
func (m *memory) look(v view, budgets Budgets, now time.Time) verdicts {
	m.begin()
	defer m.end()
	m.remember(v)
	r := verdicts{tree: v.tree(), ready: true}
	var exhausted *Failure
	for i := range r.tree {
		s := &r.tree[i]
		r.wake(m.judge(s, now))
		if s.State == Failed && r.failed == nil {
			r.failed = newFailure(*s, v, definitiveCause, "")
		}
		c := budgets.charge(*s)
		r.open = r.open || c.endless || c.budget != ""
		if c.budget != "" && m.over(c, now, &r) && exhausted == nil {
			exhausted = newFailure(*s, v, c.budget, c.exhausted())
		}
	}
	for _, w := range v.workloads {
		if failure := m.workload(w, &r, v, budgets, now); exhausted == nil {
			exhausted = failure
		}
	}
	if r.failed == nil {
		r.failed = exhausted
	}
	return r
}

// over reports whether a budget that runs has run out.
func (m *memory) over(c charge, now time.Time, r *verdicts) bool {
	end := m.first(c.key, now).Add(c.limit)
	r.wake(end)
	return !end.After(now)
}

// workload settles one that is ready. One that is not, and has no pod on which
// a budget could run, gets a budget itself.
func (m *memory) workload(w *workloadView, r *verdicts, v view, budgets Budgets, now time.Time) *Failure {
	s := r.tree[slices.IndexFunc(r.tree, func(s Status) bool { return s.Object == id(w.want) })]
	if f := m.removed(w, r, v, now); f != nil {
		r.ready = false
		return f
	}
	if s.State == Completed {
		return nil
	}
	if s.State == Ready {
		if !w.settled(now) && !m.over(charge{key: s.uid + " settles", limit: budgets.Settle}, now, r) {
			r.ready = false
		}
		return nil
	}
	r.ready = false
	c := charge{budget: scheduleBudget, key: s.Object + " idle", limit: budgets.Schedule}
	if !r.open && s.Message != atWork && m.over(c, now, r) {
		return newFailure(s, v, c.budget, "not ready within "+c.limit.String())
	}
	return nil
}

// removal is how long a workload may be away, which somebody replaces with another.
const removal = 5 * time.Second

// removed is the failure of a workload that was there and is no more: nobody
// would bring it back.
func (m *memory) removed(w *workloadView, r *verdicts, v view, now time.Time) *Failure {
	name := id(w.want)
	if w.live != nil {
		m.there[name] = true
		return nil
	}
	if !m.there[name] {
		return nil
	}
	s := &r.tree[slices.IndexFunc(r.tree, func(s Status) bool { return s.Object == name })]
	s.State, s.Message = Troubled, "was removed"
	if !m.over(charge{key: name + " removed", limit: removal}, now, r) {
		return nil
	}
	s.State = Failed
	return newFailure(*s, v, definitiveCause, "")
}

// settled reports whether being ready says enough at once: where probes were
// asked, the work is done, or the pods have been ready for long. Where no pod is
// known, one may be on its way to be.
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

// wake brings forward when to look again.
func (r *verdicts) wake(at time.Time) {
	if !at.IsZero() && (r.again.IsZero() || at.Before(r.again)) {
		r.again = at
	}
}
