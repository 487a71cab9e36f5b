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

// fence holds back what a run writes once another one has taken over: after the
// sleep of a laptop it must not go on where it was.
type fence struct {
	genericclioptions.RESTClientGetter
	run *run
}

// ToRESTConfig is that of the user, with the fence.
func (f fence) ToRESTConfig() (*rest.Config, error) {
	config, err := f.RESTClientGetter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return fenced{next, f.run} })
	return config, nil
}

type fenced struct {
	http.RoundTripper
	run *run
}

// RoundTrip sends a request, if it is still the run's to write. One that the
// server has not answered by the time at which another run may take over is cut
// off: it must not arrive after what that run writes.
func (f fenced) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		return f.RoundTripper.RoundTrip(req)
	}
	if err := f.run.confirm(); errors.Is(err, ErrLost) {
		return nil, final{err}
	} else if err != nil {
		return nil, err
	}
	h := f.run.hold
	if h == nil || f.run.records() == nil || h.over.Load() {
		return f.RoundTripper.RoundTrip(req)
	}
	ctx, cut := context.WithCancelCause(req.Context())
	defer cut(nil)
	go h.guard(ctx, cut)
	resp, err := f.RoundTripper.RoundTrip(req.WithContext(ctx))
	if err == nil {
		resp.Body, err = whole(resp.Body)
	}
	if err != nil && errors.Is(context.Cause(ctx), errUnrenewed{}) {
		return nil, errUnrenewed{}
	}
	return resp, err
}

// guard cuts a request off once the lease has not been renewed for too long.
func (h *hold) guard(ctx context.Context, cut context.CancelCauseFunc) {
	ticks := time.NewTicker(beat / 8)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			if age := h.age(); age < 0 || age >= deadAfter-beat/2 {
				cut(errUnrenewed{})
				return
			}
		}
	}
}

// whole reads a body to its end.
func whole(body io.ReadCloser) (io.ReadCloser, error) {
	defer body.Close() //nolint:errcheck // it was read
	content, err := io.ReadAll(body)
	return io.NopCloser(bytes.NewReader(content)), err
}

// errUnrenewed says that a request was cut off. It passes as a timeout, after
// which the next try finds out whose the release is.
type errUnrenewed struct{}

func (errUnrenewed) Error() string   { return "could not renew the lease in time" }
func (errUnrenewed) Timeout() bool   { return true }
func (errUnrenewed) Temporary() bool { return true }

// confirm looks whether the record is still the run's, if it could have been
// taken over. No other run takes over as long as this was confirmed a moment ago.
func (r *run) confirm() error {
	h := r.hold
	if h == nil || r.records() == nil || h.over.Load() {
		return nil
	}
	for tries := 0; h.stale() && !h.lost.Load(); tries++ {
		if tries == 3 {
			return errUnrenewed{} // after which the request is tried again, within limits
		}
		err := r.touch(r.ctx, h)
		// A conflict is with the heartbeat, or with the run that takes over.
		if err != nil && !apierrors.IsConflict(err) && !errors.Is(err, errUnrenewed{}) {
			return err
		}
	}
	if h.lost.Load() {
		return r.errLost()
	}
	return nil
}

// stale reports whether the hold was confirmed too long ago to be relied upon.
func (h *hold) stale() bool {
	age := h.age()
	return age < 0 || age > 2*beat
}

// age is the time since the hold was confirmed, negative if the clock was set back.
func (h *hold) age() time.Duration {
	return time.Duration(time.Now().Unix()-h.confirmed.Load()) * time.Second
}
