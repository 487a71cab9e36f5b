package secrets

import (
	"context"
	"fmt"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// grace is how long requests in flight may continue after the context of Apply is done.
const grace = 15 * time.Second

// Apply runs the operations and returns one result per operation, in the order of the
// payload. It continues after failures. With StopOnError it runs one operation at a time
// and stops after the first failure. When ctx is done, it starts no further operations
// but waits for the responses to requests in flight, so that every result is correct.
//
// It does not need a Check first: it sends creates immediately, and reads the Secret
// before other operations.
//
// Apply returns an error, and has written nothing, if the server is unreachable or
// rejects the user's credentials.
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
		return nil, fmt.Errorf("cannot apply Secrets in namespace %q: %w", b.namespace, err)
	}
	return r.results, nil
}

// outlive returns a context that ends the given time after ctx.
func outlive(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(by, cancel)
		context.AfterFunc(late, func() { timer.Stop() })
	})
	return late, func() { stop(); cancel() }
}
