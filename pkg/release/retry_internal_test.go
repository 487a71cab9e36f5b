package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func TestRetryTimeout(t *testing.T) {
	t.Parallel()
	things := schema.GroupResource{Resource: "things"}
	forbidden := apierrors.NewForbidden(things, "x", errors.New(`User "y" cannot get resource "things"`))
	for name, test := range map[string]struct {
		err  error
		want time.Duration
	}{
		"success":              {nil, 0},
		"conflict":             {apierrors.NewConflict(things, "x", errors.New("a")), outageTimeout},
		"too many requests":    {apierrors.NewTooManyRequests("a", 1), outageTimeout},
		"server timeout":       {apierrors.NewServerTimeout(things, "get", 1), outageTimeout},
		"timeout":              {apierrors.NewTimeoutError("a", 1), outageTimeout},
		"unavailable":          {apierrors.NewServiceUnavailable("a"), outageTimeout},
		"etcd without leader":  {apierrors.NewInternalError(errors.New("etcdserver: leader changed")), outageTimeout},
		"object being deleted": {apierrors.NewAlreadyExists(things, "object is being deleted: x"), outageTimeout},
		"roles not loaded":     {apierrors.NewForbidden(things, "x", errors.New(`User "y" cannot get: RBAC: clusterrole.rbac.authorization.k8s.io "admin" not found`)), outageTimeout},
		"refused connection":   {&url.Error{Op: "Get", URL: "https://x", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, outageTimeout},
		"reset connection":     {&url.Error{Op: "Get", URL: "https://x", Err: syscall.ECONNRESET}, outageTimeout},
		"cut connection":       {&url.Error{Op: "Get", URL: "https://x", Err: io.EOF}, outageTimeout},
		"cut body":             {fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), outageTimeout},
		"lease not renewed":    {&url.Error{Op: "Put", URL: "https://x", Err: errNotRenewed{}}, outageTimeout},
		"Helm's text only":     {errors.New("Kubernetes cluster unreachable: dial tcp 127.0.0.1:1: connect: connection refused"), outageTimeout},
		"forbidden":            {fmt.Errorf("creating: %w", forbidden), rbacWarmup},
		"forbidden version":    {fmt.Errorf("Kubernetes cluster unreachable: %w", apierrors.NewForbidden(schema.GroupResource{}, "", errors.New("unknown"))), rbacWarmup}, //nolint:staticcheck // Helm's text
		"quota":                {apierrors.NewForbidden(things, "x", errors.New("exceeded quota: q")), 0},
		"invalid":              {apierrors.NewInvalid(schema.GroupKind{Kind: "Thing"}, "x", nil), 0},
		"not found":            {apierrors.NewNotFound(things, "x"), 0},
		"exists":               {apierrors.NewAlreadyExists(things, "x"), 0},
		"canceled":             {context.Canceled, 0},
		"permanent conflict":   {permanentError{apierrors.NewConflict(things, "x", errors.New("a"))}, 0},
		"permanent forbidden":  {fmt.Errorf("a: %w", permanentError{forbidden}), 0},
		"lost lease":           {permanentError{fmt.Errorf("%w: a", ErrLost)}, 0},
	} {
		if got := retryTimeout(test.err); got != test.want {
			t.Errorf("%s: got %v, want %v for %v", name, got, test.want, test.err)
		}
	}
}

// TestRetryDelays has a server that is unavailable for a minute, and one that denies
// everything.
func TestRetryDelays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err   error
		limit time.Duration
		least int
		most  int
	}{
		"outage":    {syscall.ECONNREFUSED, outageTimeout, 15, 25},
		"forbidden": {errors.New(`things "x" is forbidden: User "y" cannot get`), rbacWarmup, 5, 10},
		"invalid":   {errors.New("invalid"), 0, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, lines := memoryRun(t)
				begin, tries := time.Now(), 0
				err := r.retry(func() error { tries++; return test.err })
				if !errors.Is(err, test.err) {
					t.Errorf("got %v, want %v", err, test.err)
				}
				if took := time.Since(begin); took < test.limit || took > test.limit+4*time.Second {
					t.Errorf("gave up after %v, want %v", took, test.limit)
				}
				if tries < test.least || tries > test.most {
					t.Errorf("got %d tries, want %d to %d", tries, test.least, test.most)
				}
				if got, want := len(*lines), min(1, int(test.limit)); got != want {
					t.Errorf("got %d lines, want %d: %q", got, want, *lines)
				}
			})
		})
	}
}

// TestRetryCountsEachTimeoutAlone has a server that is away for 50 seconds, and that
// has not loaded its roles for 8 more.
func TestRetryCountsEachTimeoutAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, lines := memoryRun(t)
		begin := time.Now()
		err := r.retry(func() error {
			switch away := time.Since(begin); {
			case away < 50*time.Second:
				return fmt.Errorf("s3cret: %w", syscall.ECONNREFUSED)
			case away < 58*time.Second:
				return errors.New(`things "x" is forbidden: User "y" cannot get`)
			}
			return nil
		})
		if err != nil {
			t.Errorf("got %v", err)
		}
		if all := strings.Join(*lines, "\n"); len(*lines) != 2 || strings.Contains(all, "s3cret") || !strings.Contains(all, "***") {
			t.Errorf("got %q, want a line for each error, redacted", *lines)
		}
	})
}

func TestRetryStopsWhenInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, _ := memoryRun(t)
		ctx, stop := context.WithCancelCause(t.Context())
		r.ctx = ctx
		interrupt := errors.New("interrupt")
		time.AfterFunc(10*time.Second, func() { stop(interrupt) })
		begin := time.Now()
		err := r.retry(func() error { return syscall.ECONNREFUSED })
		if !errors.Is(err, interrupt) || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v, want the error and the interrupt", err)
		}
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("returned after %v, want 10s", took)
		}
	})
}
