package secrets

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Run runs the batch and reports on every operation. By default, operations succeed or
// fail on their own. With AllOrNothing, nothing is written unless a server-side dry run of
// every operation succeeds.
//
// Run returns an error, and has written nothing, if the server is unreachable or rejects
// the user's credentials.
func (b *Batch) Run(ctx context.Context) (Report, error) {
	if b.AllOrNothing {
		if report, err := b.Approve(ctx); err != nil || !report.OK() {
			return report, err
		}
	}
	results, err := b.Apply(ctx)
	return NewReport(results), err
}

// Approve checks an all-or-nothing batch without writing. If the report is OK, call Apply
// next. Otherwise the report lists the operations that passed as not attempted.
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
	ctx     context.Context // the caller's context
	late    context.Context // for writes; outlives ctx
	found   prefetched
	results []Result

	failed  atomic.Int64          // the number, from 1, of the operation that failed first, or 0
	touched atomic.Bool           // the server has responded, or may have written something
	silent  atomic.Pointer[error] // the first failure to reach the server
}

// chain runs the operations on one name.
func (r *run) chain(chain []int) {
	var s state
	for n, i := range chain {
		s = r.step(i, s, earlier(chain, n))
	}
}

// inOrder runs all operations one at a time, in the order of the payload.
func (r *run) inOrder() {
	states, earlier := map[string]state{}, map[string]int{}
	for i, op := range r.ops {
		s := r.step(i, states[op.Name], earlier[op.Name])
		s.live = nil // only the values are large
		states[op.Name], earlier[op.Name] = s, i+1
	}
}

// step runs operation i. s is the known state of its Secret, and earlier the number of the
// previous operation on the same name, or 0. It returns the known state afterwards.
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

const canceledWords = "canceled"

// heldBack returns why the next operation must not be started, or "".
func (r *run) heldBack() (reason Reason, why string) {
	if first := r.failed.Load(); first > 0 && r.StopOnError {
		return ReasonStopped, fmt.Sprintf("operation %d failed", first)
	}
	if r.ctx.Err() != nil {
		return ReasonCanceled, canceledWords
	}
	return "", ""
}

// carryOut reads the Secret unless s has it or op does not need it, and then sends the
// operation. It returns the known state before.
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

// note records what the result of operation i means for the whole run.
func (r *run) note(i int, op Operation, err error) {
	if err != nil {
		r.failed.CompareAndSwap(0, int64(i)+1)
	}
	if !nothingSent(err) {
		r.touched.Store(true)
		return
	}
	err = unreachedError{op.safe(err)} // other operations cannot redact its values
	r.silent.CompareAndSwap(nil, &err)
}

// unreached returns the error if no operation reached the server.
func (r *run) unreached() error {
	if err := r.silent.Load(); err != nil && !r.touched.Load() {
		return *err
	}
	return nil
}

// nothingSent reports whether err would be the same for every operation and proves that
// the server has not written anything.
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
