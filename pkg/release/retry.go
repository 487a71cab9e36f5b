package release

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
)

// outageTimeout is how long requests to an unavailable server are retried. A restart of
// the API server takes less.
const outageTimeout = time.Minute

// rbacWarmup is how long forbidden requests are retried: an API server that has just
// started denies everything until it has loaded its roles. All objects have passed a
// server-side dry run, so permissions are rarely missing at this point.
const rbacWarmup = 10 * time.Second

// retry calls do until it succeeds, fails permanently, or its error has persisted for
// retryTimeout. The delay doubles from 250 ms to 4 s.
func (r *run) retry(do func() error) error {
	since := map[time.Duration]time.Time{} // the first error of each timeout
	for pause := 250 * time.Millisecond; ; pause = min(2*pause, 4*time.Second) {
		now := time.Now()
		err := do()
		limit := retryTimeout(err)
		if since[limit].IsZero() {
			since[limit] = now
		}
		if err == nil || time.Since(since[limit]) >= limit {
			return err
		}
		r.logOnce("retrying for up to %v: %v", limit, r.redactError(err))
		if stopped := r.wait(pause); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}

// retryTimeout returns how long err may persist before it is reported; 0 means that it
// is permanent.
func retryTimeout(err error) time.Duration {
	switch {
	case err == nil:
		return 0
	case isRetryable(err):
		return outageTimeout
	case isForbidden(err):
		return rbacWarmup
	}
	return 0
}

// isForbidden reports whether err says that a permission is missing. Helm replaces the
// message of a failed version request, so that one is recognized by its status.
func isForbidden(err error) bool {
	return !errors.As(err, new(permanentError)) &&
		(mentions(err, `is forbidden: User "`) || apierrors.IsForbidden(err) && mentions(err, "Kubernetes cluster unreachable"))
}

// permanentError is an error that is not retried, whatever its cause.
type permanentError struct{ error }

func (f permanentError) Unwrap() error { return f.error }

// isRetryable reports whether err has a temporary cause: a server that is unavailable
// or overloaded, or a conflict with a concurrent change or deletion of the object.
func isRetryable(err error) bool {
	if errors.As(err, new(permanentError)) {
		return false
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) && (apierrors.IsConflict(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) ||
		apierrors.IsTimeout(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsForbidden(err) && mentions(err, rbacNotLoadedMessages...) || mentions(err, "etcdserver: ", "object is being deleted")) {
		return true
	}
	// A server that shuts down may wrap its own connection errors in a status.
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) ||
		utilnet.IsTimeout(err) || utilnet.IsHTTP2ConnectionLost(err) || errors.Is(err, io.ErrUnexpectedEOF) || mentions(err, retryableMessages...)
}

// rbacNotLoadedMessages are in the errors of a server that has not loaded its roles yet.
var rbacNotLoadedMessages = []string{"RBAC: [clusterrole", "RBAC: clusterrole"}

// retryableMessages are parts of retryable errors that Helm passes on as text only.
var retryableMessages = []string{
	"connection refused", "connection reset by peer", "broken pipe", "unexpected EOF", ": EOF", "i/o timeout", "TLS handshake timeout", "http2: client connection lost", "server closed idle connection",
	"the object has been modified", "object is being deleted", "Too many requests", "too many requests",
	"the server is currently unable to handle the request", "etcdserver: ", errNotRenewed{}.Error(), "failed to allocate", // addresses of Services, right after a start
}

func mentions(err error, words ...string) bool {
	return slices.ContainsFunc(words, func(s string) bool { return strings.Contains(err.Error(), s) })
}
