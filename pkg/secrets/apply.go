package secrets

import (
	"context"
	"fmt"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// grace is how long requests in flight may go on after the context of Apply is
// done.
const grace = 15 * time.Second

// Apply carries out the operations and returns one result for each, in the
// order of the payload. It continues past failures. With StopOnError it runs the
// operations one at a time and starts nothing new after the first failure. Once
// ctx is done it starts nothing new either; requests in flight get their answer,
// so that every result is true.
//
// It needs no Check before it: creates are sent at once, everything else reads
// the Secret first.
//
// Apply returns an error, and has written nothing, if the server is unreachable
// or does not know the user.
func (b *Batch) Apply(ctx context.Context) ([]Result, error) {
	late, stop := outlive(redact.WithoutBodyLogging(ctx), grace)
	defer stop()
	r := &run{Batch: b, ctx: redact.WithoutBodyLogging(ctx), late: late, results: make([]Result, len(b.ops))}
	r.found = b.prefetch(r.ctx)
	if b.StopOnError {
		r.inOrder()
	} else {
		b.each(r.chain)
	}
	if err := r.unreached(); err != nil {
		return nil, fmt.Errorf("cannot apply secrets in namespace %q: %w", b.namespace, err)
	}
	return r.results, nil
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
