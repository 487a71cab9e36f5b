package secrets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Check sends every operation as a dry run. It predicts the results of operations that
// follow others on the same name, because a dry run does not see earlier ones. The results
// are those that Apply would return, as far as they can be predicted.
//
// Check returns an error if the server is unreachable or rejects the user's credentials,
// or if ctx is done.
func (b *Batch) Check(ctx context.Context) ([]Result, error) {
	ctx, stop := context.WithCancelCause(redact.WithoutBodyLogging(ctx))
	defer stop(nil)
	results := make([]Result, len(b.ops))
	seen := make(map[string]state, len(b.ops))
	found := b.prefetch(ctx)
	var mu sync.Mutex
	b.each(func(chain []int) {
		first, err := b.checkChain(ctx, chain, found, results)
		if err != nil {
			stop(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		seen[b.ops[chain[0]].Name] = first
	})
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("cannot check Secrets in namespace %q: %w", b.namespace, err)
	}
	b.seen = seen
	return results, nil
}

// checkChain checks the operations on one name. It returns the state of the Secret before
// the first one.
func (b *Batch) checkChain(ctx context.Context, chain []int, found prefetched, results []Result) (state, error) {
	first, unread := b.beforeChain(ctx, chain, found)
	s := first
	first.live = nil // only the values are large
	for n, i := range chain {
		op := b.ops[i]
		if ctx.Err() != nil {
			return first, context.Cause(ctx)
		}
		a, err := answer{}, unread
		if err == nil {
			a, err = b.send(ctx, op, s, []string{metav1.DryRunAll})
		}
		if noAnswer(err) {
			return first, op.safe(err)
		}
		changed := new(true)
		switch {
		case unread != nil:
		case n > 0:
			a, err = b.predictedResult(op, s), b.predictedError(s, op, err)
			if op.Action == ActionApply && !s.known {
				changed = nil
			}
		case err == nil:
			changed = changes(s.live, a)
		}
		results[i] = b.outcome(op, s, a, changed, err, attempt{earlier(chain, n), "server dry run"})
		s = s.after(op, a, err)
		s.live = nil // a dry run does not persist it
	}
	return first, nil
}

// beforeChain returns the state of the Secret of a chain, if one of its operations needs
// it.
func (b *Batch) beforeChain(ctx context.Context, chain []int, found prefetched) (state, error) {
	for _, i := range chain {
		if op := b.ops[i]; b.reads(op) {
			return b.before(ctx, op, found)
		}
	}
	return state{}, nil
}

// changes reports whether a dry run would have changed the live Secret, or nil if that is
// unknown.
func changes(live *corev1.Secret, a answer) *bool {
	switch {
	case a.did != updated:
		return new(a.did != unchanged)
	case live == nil:
		return nil
	}
	return new(!maps.EqualFunc(live.Data, a.live.Data, bytes.Equal))
}

// predictedResult returns the answer to a successful operation that is not the first on
// its name.
func (b *Batch) predictedResult(op Operation, s state) answer {
	other := s.typ != "" && s.typ != op.secretType()
	switch {
	case op.Action == ActionCreate, op.Action == ActionApply && s.known && !s.exists:
		return answer{did: created}
	case op.Action == ActionDelete && len(s.finalizers) > 0:
		return answer{did: deleting}
	case op.Action == ActionDelete:
		return answer{did: deleted}
	case b.Recreate && s.exists && other:
		return answer{did: recreated}
	}
	return answer{did: updated}
}

// predictedError returns the error of an operation that is not the first on its name. It
// ignores what the dry run reports about the state of the Secret, since that does not
// include earlier operations. It keeps errors about permissions, quotas and policies.
func (b *Batch) predictedError(s state, op Operation, answer error) error {
	immutable := errors.Is(answer, errImmutable)
	freed := op.Action == ActionCreate && !s.exists && answer != nil && strings.Contains(answer.Error(), "exceeded quota")
	ofState := apierrors.IsAlreadyExists(answer) || isMissing(answer) || freed ||
		apierrors.IsConflict(answer) || errors.As(answer, new(typeError)) || immutable && !s.immutable
	if s.known && ofState || answer == nil {
		answer = s.expectedError(op)
	}
	if b.recreates(op, answer) {
		return nil
	}
	return answer
}
