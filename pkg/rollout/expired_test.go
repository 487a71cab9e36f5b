package rollout_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// tooOld is what a server sends down a watch whose version it has forgotten.
const tooOld = `{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","message":"too old resource version: 1 (2)","reason":"Expired","code":410}}` + "\n"

// expiring ends one watch of pods so, once it is told to.
type expiring struct {
	next    http.RoundTripper
	expires *atomic.Bool
	then    func()
}

func (e expiring) RoundTrip(req *http.Request) (*http.Response, error) {
	watches := strings.HasSuffix(req.URL.Path, "/pods") && req.URL.Query().Get("watch") == "true"
	if !watches || !e.expires.CompareAndSwap(true, false) {
		return e.next.RoundTrip(req)
	}
	e.then()
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: http.StatusOK, Header: header, Request: req, Body: io.NopCloser(strings.NewReader(tooOld))}, nil
}

// TestWatchGoesOnAfterItExpired loses its connection, and then its place in the
// history of the pods.
func TestWatchGoesOnAfterItExpired(t *testing.T) {
	t.Parallel()
	p := newProxy(t)
	f := newFixture(t, spec(deployment, "FIELDS", "resources: {limits: {nvidia.com/gpu: 64}}"))
	f.config.Host = "https://" + p.address
	var expires, expired atomic.Bool
	f.config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return expiring{next, &expires, func() {
			expired.Store(true)
			f.change("spec: {template: {spec: {containers: [{name: main, image: registry.example/web:1}]}}}")
		}}
	})
	cut := false
	r, err := f.watch(time.Minute, func(c rollout.Change) {
		if c.Reason == "Unschedulable" && !cut {
			cut = true
			expires.Store(true)
			p.down()
			p.up()
		}
	})
	if err != nil || !expired.Load() {
		t.Errorf("%v, expired: %t\n%s", err, expired.Load(), strings.Join(r.lines, "\n"))
	}
}
