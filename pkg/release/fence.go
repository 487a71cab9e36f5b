package release

import (
	"errors"
	"fmt"
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

// RoundTrip sends a request, if it is still the run's to write.
func (f fenced) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		if err := f.run.confirm(); errors.Is(err, ErrBusy) {
			return nil, final{err}
		} else if err != nil {
			return nil, err
		}
	}
	return f.RoundTripper.RoundTrip(req)
}

// confirm looks whether the record is still the run's, if it could have been
// taken over. No other run takes over as long as this was confirmed a moment ago.
func (r *run) confirm() error {
	h := r.hold
	if h == nil || r.records() == nil || h.over.Load() {
		return nil
	}
	for tries := 0; h.stale() && !h.lost.Load(); tries++ {
		if tries == 10 {
			return fmt.Errorf("release %q: the server is too slow to tell whether this run still works on it", r.name)
		}
		// A conflict is with the heartbeat, or with the run that takes over.
		if err := r.touch(r.ctx, h); err != nil && !apierrors.IsConflict(err) {
			return err
		}
	}
	if h.lost.Load() {
		return r.errTaken()
	}
	return nil
}

// stale reports whether the hold was confirmed too long ago to be relied upon.
func (h *hold) stale() bool {
	age := time.Now().Unix() - h.confirmed.Load()
	return age < 0 || age > int64(2*beat/time.Second)
}
