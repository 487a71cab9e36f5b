package secrets

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Run carries out the batch and reports on every operation. By default each
// operation stands on its own. With AllOrNothing, nothing is written unless the
// server accepts a dry run of every operation.
//
// Run returns an error, and has written nothing, if the server is unreachable or
// does not know the user.
func (b *Batch) Run(ctx context.Context) (Report, error) {
	if b.AllOrNothing {
		if report, err := b.Approve(ctx); err != nil || !report.OK() {
			return report, err
		}
	}
	results, err := b.Apply(ctx)
	return NewReport(results), err
}

// Approve checks an all-or-nothing batch without writing. Call Apply next if the report is
// OK. If the server rejects an operation, the report lists accepted ones as not attempted.
func (b *Batch) Approve(ctx context.Context) (Report, error) {
	results, err := b.Check(ctx)
	report := NewReport(results)
	if err != nil || report.OK() {
		return report, err
	}
	return report.refused(), nil
}

// run is the state of one Apply.
type run struct {
	*Batch
	ctx     context.Context // of the caller
	late    context.Context // of writes: outlives ctx
	found   prefetched
	results []Result

	failed  atomic.Int64          // the number, from 1, of the operation that failed first
	touched atomic.Bool           // whether the server has answered, or may have done something
	silent  atomic.Pointer[error] // the first failure to reach the server
}

// chain carries out the operations on one name.
func (r *run) chain(chain []int) {
	var s state
	for n, i := range chain {
		s = r.step(i, s, earlier(chain, n))
	}
}

// inOrder carries out all operations one at a time, in the order of the payload.
func (r *run) inOrder() {
	states, earlier := map[string]state{}, map[string]int{}
	for i, op := range r.ops {
		s := r.step(i, states[op.Name], earlier[op.Name])
		s.live = nil // only the values are large
		states[op.Name], earlier[op.Name] = s, i+1
	}
}

// step carries out operation i. s is what is known of its Secret, earlier the
// number of the operation before it on the same name, or 0. It returns what is
// known of the Secret afterwards.
func (r *run) step(i int, s state, earlier int) state {
	op := r.ops[i]
	if reason, why := r.heldBack(); reason != "" {
		r.results[i] = r.notAttempted(op, reason, why)
		return s
	}
	before, a, err := r.carryOut(op, s, earlier == 0)
	if r.ctx.Err() != nil && errors.As(err, new(unsentError)) {
		r.results[i] = r.notAttempted(op, ReasonCanceled, canceledWords)
		return s
	}
	r.note(i, op, err)
	r.results[i] = r.outcome(op, before, a, before.changedBy(a), err, attempt{earlier: earlier})
	if s = before.after(op, a, err); err != nil {
		s.live = nil // it may be out of date
	}
	return s
}

const canceledWords = "canceled before its turn"

// heldBack returns why the next operation is not to be started, or "".
func (r *run) heldBack() (reason Reason, why string) {
	if first := r.failed.Load(); first > 0 && r.StopOnError {
		return ReasonStopped, fmt.Sprintf("operation %d failed before its turn", first)
	}
	if r.ctx.Err() != nil {
		return ReasonCanceled, canceledWords
	}
	return "", ""
}

// carryOut reads the Secret unless s has it or op does not need it, and then
// sends the operation. It returns what was known of the Secret before.
func (r *run) carryOut(op Operation, s state, first bool) (state, answer, error) {
	if err := r.silent.Load(); err != nil && !r.touched.Load() {
		return s, answer{}, *err
	}
	if r.reads(op) && !s.current() {
		var found prefetched
		if first {
			found = r.found
		}
		var err error
		if s, err = r.before(r.ctx, op, found); err != nil {
			return s, answer{}, err
		}
		r.touched.Store(true)
	}
	a, err := r.send(r.late, op, s, nil)
	return s, a, err
}

// note remembers what the end of an operation says about the whole run.
func (r *run) note(i int, op Operation, err error) {
	if err != nil {
		r.failed.CompareAndSwap(0, int64(i)+1)
	}
	if !nothingSent(err) {
		r.touched.Store(true)
		return
	}
	err = unreachedError{op.safe(err)} // other operations don't know the values in it
	r.silent.CompareAndSwap(nil, &err)
}

// unreached returns the failure to reach the server if no operation did.
func (r *run) unreached() error {
	if err := r.silent.Load(); err != nil && !r.touched.Load() {
		return *err
	}
	return nil
}

// nothingSent reports whether err would be the same for every operation and
// proves that the server has done nothing.
func nothingSent(err error) bool {
	var half recreateError
	switch {
	case err == nil, errors.As(err, &half) && half.deleted:
		return false
	case errors.As(err, new(unsentError)):
		return noAnswer(err)
	}
	return apierrors.IsUnauthorized(err) || errors.As(err, new(unreachedError))
}
