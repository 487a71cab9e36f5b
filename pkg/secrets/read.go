package secrets

import (
	"context"
	"net/http/httptrace"
	"sync/atomic"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reads reports whether the Secret is read before op is sent, to detect the tool that
// manages it and the keys that an update changes.
func (b *Batch) reads(op Operation) bool {
	return op.overwrites() || op.Action == ActionDelete && !b.Force
}

// before returns the state of the Secret of op, from a list or by reading it. Without
// permission to read it, the state comes from a dry run. Errors are unsentErrors.
func (b *Batch) before(ctx context.Context, op Operation, found prefetched) (state, error) {
	live, listed := found[op.Name]
	switch {
	case b.noNamespace.Load() != nil:
		return state{}, nil
	case listed && live == nil:
		return state{known: true}, nil
	case listed:
		return stateOf(live), nil
	}
	live, err := b.secrets.Get(ctx, op.Name, metav1.GetOptions{})
	switch {
	case err == nil:
		return stateOf(live), nil
	case apierrors.IsNotFound(err):
		return state{known: isMissing(err)}, nil
	case apierrors.IsForbidden(err):
		return b.peek(ctx, op), nil
	}
	return state{}, unsentError{err}
}

// peek returns the part of a Secret's state that a dry run of an update reveals to users
// without permission to read: the tool that manages it, and its version.
func (b *Batch) peek(ctx context.Context, op Operation) state {
	if !op.overwrites() || op.mergesRegistries() {
		return state{}
	}
	a, err := b.patch(ctx, op, []string{metav1.DryRunAll})
	switch {
	case isMissing(err):
		return state{known: true}
	case err != nil || a.live == nil:
		return state{}
	}
	s := stateOf(a.live)
	s.live, s.keys = nil, nil // the response has the data after the update
	return s
}

// onWire returns a context for requests, and a function that reports whether the last
// request may have been sent.
func onWire(ctx context.Context) (context.Context, func() bool) {
	var sent atomic.Bool
	trace := &httptrace.ClientTrace{
		GetConn:      func(string) { sent.Store(false) },
		WroteHeaders: func() { sent.Store(true) },
	}
	return httptrace.WithClientTrace(ctx, trace), sent.Load
}
