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

// fencingGetter holds back what a run writes once another one has taken over: after the
// sleep of a laptop it must not go on where it was.
type fencingGetter struct {
	genericclioptions.RESTClientGetter
	run *run
}

// ToRESTConfig is that of the user, with the fence.
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

// RoundTrip sends a request, if it is still the run's to write. One that the
// server has not answered by the time at which another run may take over is cut
// off: it must not arrive after what that run writes.
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

// cancelOnExpiry cuts a request off once the lease has not been renewed for too long.
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

// readAll reads a body to its end.
func readAll(body io.ReadCloser) (io.ReadCloser, error) {
	defer body.Close() //nolint:errcheck // it was read
	content, err := io.ReadAll(body)
	return io.NopCloser(bytes.NewReader(content)), err
}

// errNotRenewed says that a request was cut off. It passes as a timeout, after
// which the next try finds out whose the release is.
type errNotRenewed struct{}

func (errNotRenewed) Error() string   { return "could not renew the lease in time" }
func (errNotRenewed) Timeout() bool   { return true }
func (errNotRenewed) Temporary() bool { return true }

// ensureHeld looks whether the record is still the run's, if it could have been
// taken over. No other run takes over as long as this was confirmed a moment ago.
func (r *run) ensureHeld() error {
	l := r.lease
	if l == nil || r.recordObjects() == nil || l.released.Load() {
		return nil
	}
	for tries := 0; l.expired() && !l.lost.Load(); tries++ {
		if tries == 3 {
			return errNotRenewed{} // after which the request is tried again, within limits
		}
		err := r.renew(r.ctx, l)
		// A conflict is with the heartbeat, or with the run that takes over.
		if err != nil && !apierrors.IsConflict(err) && !errors.Is(err, errNotRenewed{}) {
			return err
		}
	}
	if l.lost.Load() {
		return r.errLost()
	}
	return nil
}

// expired reports whether the hold was confirmed too long ago to be relied upon.
func (l *lease) expired() bool {
	age := l.age()
	return age < 0 || age > 2*renewInterval
}

// age is the time since the hold was confirmed, negative if the clock was set back.
func (l *lease) age() time.Duration {
	return time.Duration(time.Now().Unix()-l.renewedAt.Load()) * time.Second
}
