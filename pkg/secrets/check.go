package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Check has the server try every operation and write nothing. What depends on
// earlier operations on the same name is judged by what those would have done,
// because a dry run leaves nothing behind. The results are those that Apply
// would have, as far as can be told.
//
// Its error is that the server can't be asked: it can't be reached, doesn't
// know the user, or ctx is done. It comes once, not for each operation.
//
// An Apply of the same Batch after Check tells updates that changed nothing,
// and names the keys that an update dropped.
func (b *Batch) Check(ctx context.Context) ([]Result, error) {
	ctx, stop := context.WithCancelCause(quiet(ctx))
	defer stop(nil)
	results := make([]Result, len(b.ops))
	seen := make(map[string]state, len(b.ops))
	var mu sync.Mutex
	b.each(func(chain []int) {
		first, err := b.checkChain(ctx, chain, results)
		if err != nil {
			stop(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		seen[b.ops[chain[0]].Name] = first
	})
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("checking secrets in namespace %q: %w", b.namespace, err)
	}
	b.seen = seen
	return results, nil
}

// checkChain checks the operations on one name and returns what the server had
// there before.
func (b *Batch) checkChain(ctx context.Context, chain []int, results []Result) (state, error) {
	var first, s state
	for n, i := range chain {
		op := b.ops[i]
		if ctx.Err() != nil {
			return first, context.Cause(ctx)
		}
		live, err := b.send(ctx, op, []string{metav1.DryRunAll})
		if noAnswer(err) {
			return first, op.safe(err)
		}
		changed := new(true)
		if n == 0 {
			first, changed = b.before(ctx, op, live)
			s = first
		} else {
			live, err = nil, judged(s, op, err)
		}
		if err != nil {
			results[i] = b.failed(op, err, earlier(chain, n))
		} else {
			results[i] = b.succeeded(op, s, changed)
			results[i].Message += " (server dry run)"
		}
		s = s.after(op, live, err)
	}
	return first, nil
}

// judged is the answer to an operation that isn't the first on its name. What
// the server's dry run says of the Secret's state is of no use, because it
// doesn't know of the operations before; that it would refuse the request for
// rights, quota or policy holds.
func judged(s state, op Operation, answer error) error {
	ofState := apierrors.IsAlreadyExists(answer) || isMissing(answer) || apierrors.IsInvalid(answer) ||
		apierrors.IsConflict(answer) || errors.As(answer, new(typeError)) || errors.Is(answer, errImmutable)
	if s.known && ofState || answer == nil {
		return s.judge(op)
	}
	return answer
}

// before returns what an update, which the server's dry run accepted, would
// change, and whether it would change anything. A user who may not read Secrets
// learns only the resourceVersion, which a dry run keeps.
func (b *Batch) before(ctx context.Context, op Operation, dry *corev1.Secret) (state, *bool) {
	if op.Action != ActionUpdate || dry == nil {
		return state{}, new(true)
	}
	live, err := b.secrets.Get(ctx, op.Name, metav1.GetOptions{})
	if err != nil {
		return state{version: dry.ResourceVersion}, nil
	}
	return stateOf(live), new(!maps.EqualFunc(live.Data, op.secretData(), bytes.Equal))
}
