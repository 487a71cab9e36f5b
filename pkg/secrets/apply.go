package secrets

import (
	"context"
	"time"
)

// grace is how long requests in flight may go on after the context of Apply is
// done.
const grace = 15 * time.Second

// Apply carries out the operations and returns one result for each, in the
// order of the payload. It goes on past failures. Once ctx is done it starts
// nothing new; requests in flight get their answer, so that every result is
// true.
func (b *Batch) Apply(ctx context.Context) []Result {
	late, stop := outlive(quiet(ctx), grace)
	defer stop()
	results := make([]Result, len(b.ops))
	b.each(func(chain []int) {
		s := b.seen[b.ops[chain[0]].Name]
		for n, i := range chain {
			op := b.ops[i]
			if ctx.Err() != nil {
				results[i] = b.notAttempted(op)
				continue
			}
			live, err := b.send(late, op, nil)
			if err != nil {
				results[i] = b.failed(op, err, earlier(chain, n))
			} else {
				results[i] = b.succeeded(op, s, s.changedBy(op, live))
			}
			s = s.after(op, live, err)
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
