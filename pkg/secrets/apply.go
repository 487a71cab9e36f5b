package secrets

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// grace is how long requests in flight may go on after the context of Apply is
// done.
const grace = 15 * time.Second

// Apply carries out the operations and returns one result for each, in the
// order of the payload. It goes on past failures, or with StopOnError starts
// nothing new after the first. Once ctx is done it starts nothing new either;
// requests in flight get their answer, so that every result is true.
//
// Without Check before it, Apply looks at who manages a Secret only where it
// has to read it anyway.
func (b *Batch) Apply(ctx context.Context) []Result {
	late, stop := outlive(redact.WithoutBodyLogging(ctx), grace)
	defer stop()
	results := make([]Result, len(b.ops))
	var failed atomic.Int64 // the number, from 1, of the operation that failed first
	found := b.survey(ctx, func(op Operation) bool { return b.settled[op.Name] })
	settled := b.settledIn(found)
	b.each(func(chain []int) {
		s := b.seen[b.ops[chain[0]].Name]
		for n, i := range chain {
			op := b.ops[i]
			if first := failed.Load(); first > 0 && b.StopOnError {
				results[i] = b.notAttempted(op, reasonStopped, fmt.Sprintf("operation %d failed before its turn", first))
				continue
			}
			if ctx.Err() != nil {
				results[i] = b.notAttempted(op, reasonCanceled, "canceled before its turn")
				continue
			}
			a, err := answer{unchanged, found[op.Name]}, error(nil)
			if n > 0 || !settled[op.Name] {
				a, err = b.send(late, op, s, nil)
			}
			results[i] = b.outcome(op, s, a, s.changedBy(a), err, attempt{earlier: earlier(chain, n)})
			if err != nil {
				failed.CompareAndSwap(0, int64(i)+1)
			}
			s = s.after(op, a, err)
		}
	})
	return results
}

// outlive returns a context that ends some time after ctx does.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(by, cancel)
		context.AfterFunc(late, func() { timer.Stop() })
	})
	return late, func() { stop(); cancel() }
}
