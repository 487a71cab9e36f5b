package release

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
)

// fencingGetter blocks the writes of a run after another run has taken over, for
// example when a laptop wakes from sleep.
type fencingGetter struct {
	genericclioptions.RESTClientGetter
	run *run
}

// ToRESTConfig returns the user's configuration, wrapped in a fencingTransport.
func (f fencingGetter) ToRESTConfig() (*rest.Config, error) {
	config, err := f.RESTClientGetter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return fencingTransport{next, f.run} })
	return config, nil
}

type fencingTransport struct {
	http.RoundTripper
	run *run
}

// RoundTrip sends a write request only while the run holds the lease. It cancels a
// request that is unanswered when the lease may expire, so that the request cannot
// arrive after the writes of a run that takes over. Reads always pass.
func (f fencingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		return f.RoundTripper.RoundTrip(req)
	}
	if err := f.run.ensureHeld(); errors.Is(err, ErrLost) {
		return nil, permanentError{err}
	} else if err != nil {
		return nil, err
	}
	l := f.run.lease
	if l == nil || f.run.recordObjects() == nil || l.released.Load() {
		return f.RoundTripper.RoundTrip(req)
	}
	ctx, cut := context.WithCancelCause(req.Context())
	defer cut(nil)
	go l.cancelOnExpiry(ctx, cut)
	resp, err := f.RoundTripper.RoundTrip(req.WithContext(ctx))
	if err == nil {
		resp.Body, err = readAll(resp.Body)
	}
	if err != nil && errors.Is(context.Cause(ctx), errNotRenewed{}) {
		return nil, errNotRenewed{}
	}
	return resp, err
}

// cancelOnExpiry cancels a request shortly before the lease expires.
func (l *lease) cancelOnExpiry(ctx context.Context, cut context.CancelCauseFunc) {
	ticks := time.NewTicker(renewInterval / 8)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if age := l.age(); age < 0 || age >= leaseDuration-renewInterval/2 {
				cut(errNotRenewed{})
				return
			}
		}
	}
}

// readAll replaces a body by its content, before the request context is canceled.
func readAll(body io.ReadCloser) (io.ReadCloser, error) {
	defer body.Close() //nolint:errcheck // it was read
	content, err := io.ReadAll(body)
	return io.NopCloser(bytes.NewReader(content)), err
}

// errNotRenewed says that a lease was not renewed in time. It counts as a timeout, so
// that the request is retried; the retry checks first who holds the lease.
type errNotRenewed struct{}

func (errNotRenewed) Error() string   { return "could not renew the lease in time" }
func (errNotRenewed) Timeout() bool   { return true }
func (errNotRenewed) Temporary() bool { return true }

// ensureHeld returns ErrLost if another run has taken over. It asks the server only if
// the last renewal is too long ago to exclude that.
func (r *run) ensureHeld() error {
	l := r.lease
	if l == nil || r.recordObjects() == nil || l.released.Load() {
		return nil
	}
	for tries := 0; l.expired() && !l.lost.Load(); tries++ {
		if tries == 3 {
			return errNotRenewed{} // retry tries the request again
		}
		err := r.renew(r.ctx, l)
		// The conflict is with a background renewal, or with a run that takes over.
		if err != nil && !l.lost.Load() && !apierrors.IsConflict(err) && !errors.Is(err, errNotRenewed{}) {
			return err
		}
	}
	if l.lost.Load() {
		return r.errLost()
	}
	return nil
}

// expired reports whether the last renewal is too long ago to rely on the lease without
// asking the server.
func (l *lease) expired() bool {
	age := l.age()
	return age < 0 || age > 2*renewInterval
}

// age returns the time since the last renewal, negative if the clock was set back.
func (l *lease) age() time.Duration {
	return time.Duration(time.Now().Unix()-l.renewedAt.Load()) * time.Second
}
