package system_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// The faults that one request may meet, and that a deploy is to get over by
// itself.
var passingFaults = map[string]faults.Fault{
	"connection cut":            faults.Cut,
	"answer lost":               faults.CutAfter,
	"conflict":                  faults.Status(http.StatusConflict),
	"too many requests":         faults.Status(http.StatusTooManyRequests),
	"server not available":      faults.Status(http.StatusServiceUnavailable),
	"roles not read yet":        faults.Status(http.StatusForbidden),
	"server away for 3 s":       faults.None, // by stopping the proxy
	"many connections in a row": faults.None, // by cutting five requests, one after the other
}

// TestDeployGetsOverFaults lets one request of an upgrade, each in turn from the
// first that writes on, meet each fault. The deploy succeeds, and the objects
// are what they are to be.
func TestDeployGetsOverFaults(t *testing.T) {
	t.Parallel()
	want := newWorld(t).after(t, deployTwo)
	counted := newWorld(t)
	counted.must(t, deployOne)
	first, last := counted.writing(t, deployTwo)
	for name, fault := range passingFaults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var group errgroup.Group
			group.SetLimit(storiesAtATime)
			for _, n := range points(first, last) {
				group.Go(func() error {
					told := fmt.Sprintf("%s at request %d", name, n)
					w := newWorld(t)
					w.must(t, deployOne)
					proxy := w.troubled(t, name, fault, n)
					if out, err := w.process(proxy.Kubeconfig(t, w.namespace), deployTwo).CombinedOutput(); err != nil {
						t.Errorf("%s: %v\n%s", told, err, out)
					}
					if diff := cmp.Diff(want, w.state(t)); diff != "" {
						t.Errorf("%s: got other objects (-want +got):\n%s", told, diff)
					}
					return nil
				})
			}
			_ = group.Wait()
		})
	}
}

// troubled is a proxy that has one request, the nth, meet a fault.
func (w *world) troubled(t *testing.T, name string, fault faults.Fault, n int) *faults.Proxy {
	var proxy *faults.Proxy
	wrote := false
	proxy = faults.New(t, func(i int, req *http.Request) faults.Fault {
		wrote = wrote || writes(req)
		switch {
		case name == "many connections in a row" && i >= n && i < n+5:
			return faults.Cut
		case i != n:
			return faults.None
		case name == "server away for 3 s":
			go func() {
				proxy.Stop()
				time.Sleep(3 * time.Second)
				if err := proxy.Start(); err != nil {
					t.Error(err)
				}
			}()
			return faults.Cut
		case fault == faults.Status(http.StatusConflict) && req.Method == http.MethodGet:
			return faults.None // no server says so
		case fault == faults.Status(http.StatusForbidden) && !wrote:
			return faults.None // before anything is written, it counts at once
		}
		return fault
	})
	return proxy
}

// writes reports whether a request writes, and may be the first that does: that
// makes or changes a record. A dry run of a deletion says so in its body only.
func writes(req *http.Request) bool {
	return req.Method != http.MethodGet && req.Method != http.MethodDelete && !req.URL.Query().Has("dryRun")
}

// writing runs a command, and returns the numbers of its first request that
// writes and of its last one.
func (w *world) writing(t *testing.T, command string) (first, last int) {
	t.Helper()
	proxy := faults.New(t, func(n int, req *http.Request) faults.Fault {
		if first == 0 && writes(req) {
			first = n
		}
		return faults.None
	})
	if out, err := w.process(proxy.Kubeconfig(t, w.namespace), command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
	t.Logf("%s: %d requests, writing from %d on", command, proxy.Requests(), first)
	return first, proxy.Requests()
}
