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

// outageTimeout is for how long a server that is away is waited for: a restart takes
// less.
const outageTimeout = time.Minute

// rbacWarmup is for how long a server that has just started may refuse what it
// allows: it has not read its roles yet. All objects have passed its dry run, so
// that a right is seldom lacking by now.
const rbacWarmup = 10 * time.Second

// retry repeats what failed for a cause that passes, until it succeeds,
// fails for another one, or its timeout ends.
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
		r.logOnce("trying again for up to %v: %v", limit, r.redactError(err))
		if stopped := r.wait(pause); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}

// retryTimeout is for how long an error may go on until it counts.
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

// isForbidden reports whether err says that the user lacks a right; of the server's
// version Helm leaves no word of that.
func isForbidden(err error) bool {
	return !errors.As(err, new(permanentError)) &&
		(mentions(err, `is forbidden: User "`) || apierrors.IsForbidden(err) && mentions(err, "Kubernetes cluster unreachable"))
}

// permanentError is an error after which nothing is tried again.
type permanentError struct{ error }

func (f permanentError) Unwrap() error { return f.error }

// isRetryable reports whether err has a cause that passes by itself: a server that is
// away, overloaded or elsewhere, or an object that somebody changed or removes
// at the moment.
func isRetryable(err error) bool {
	if errors.As(err, new(permanentError)) {
		return false
	}
	var status apierrors.APIStatus
	if errors.As(err, &status) && (apierrors.IsConflict(err) || apierrors.IsTooManyRequests(err) || apierrors.IsServerTimeout(err) ||
		apierrors.IsTimeout(err) || apierrors.IsServiceUnavailable(err) || apierrors.IsForbidden(err) && mentions(err, rbacNotLoadedMessages...) || mentions(err, "etcdserver: ", "object is being deleted")) {
		return true
	}
	// A server that goes down may quote why it could not do its part.
	return utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) ||
		utilnet.IsTimeout(err) || utilnet.IsHTTP2ConnectionLost(err) || errors.Is(err, io.ErrUnexpectedEOF) || mentions(err, retryableMessages...)
}

// rbacNotLoadedMessages are the words of a server that has just started, and has not read
// its roles yet.
var rbacNotLoadedMessages = []string{"RBAC: [clusterrole", "RBAC: clusterrole"}

// retryableMessages are the words of errors of which Helm leaves nothing but the words.
var retryableMessages = []string{
	"connection refused", "connection reset by peer", "broken pipe", "unexpected EOF", ": EOF", "i/o timeout", "TLS handshake timeout", "http2: client connection lost", "server closed idle connection",
	"the object has been modified", "object is being deleted", "Too many requests", "too many requests",
	"the server is currently unable to handle the request", "etcdserver: ", errNotRenewed{}.Error(), "failed to allocate", // addresses of Services, right after a start
}

func mentions(err error, words ...string) bool {
	return slices.ContainsFunc(words, func(s string) bool { return strings.Contains(err.Error(), s) })
}
