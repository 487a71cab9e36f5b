package system_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// transientFaults are faults of one request that a deploy survives.
var transientFaults = []struct {
	name  string
	fault faults.Fault
}{
	{"connection cut", faults.Cut},
	{"response lost", faults.CutAfter},
	{"conflict", faults.Status(http.StatusConflict)},
	{"too many requests", faults.Status(http.StatusTooManyRequests)},
	{"server not available", faults.Status(http.StatusServiceUnavailable)},
	{"roles not read yet", faults.Status(http.StatusForbidden)},
	{serverAway, faults.None},
	{connectionsCut, faults.None},
}

const (
	serverAway     = "server away for 3 s"
	connectionsCut = "five connections cut in a row"
)

// TestDeploySurvivesFaults injects each fault into one request of an upgrade, each
// in turn from the first that writes on. The upgrade succeeds with the expected
// objects.
func TestDeploySurvivesFaults(t *testing.T) {
	t.Parallel()
	want, requests := stateAfter(t, deployTwo), writing(t, deployOne, deployTwo)
	for i, test := range transientFaults {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			requests.atEach(t, 2*i, func(s *sandbox, n int) {
				s.mustRun(deployOne)
				proxy := injector(t, test.name, test.fault, n)
				if out, err := s.through(proxy.Kubeconfig(t, s.Namespace), deployTwo).CombinedOutput(); err != nil {
					t.Errorf("request %d: %v\n%s", n, err, out)
				}
				if diff := cmp.Diff(want, s.state()); diff != "" {
					t.Errorf("request %d: unexpected objects (-want +got):\n%s", n, diff)
				}
			})
		})
	}
}

// injector returns a proxy that injects a fault into the nth request.
func injector(t *testing.T, name string, fault faults.Fault, n int) *faults.Proxy {
	var proxy *faults.Proxy
	wrote := false
	proxy = faults.New(t, func(i int, req *http.Request) faults.Fault {
		wrote = wrote || writes(req)
		switch {
		case name == connectionsCut && i >= n && i < n+5:
			return faults.Cut
		case i != n:
			return faults.None
		case name == serverAway:
			go func() {
				proxy.Stop()
				time.Sleep(3 * time.Second)
				if err := proxy.Start(); err != nil {
					t.Error(err)
				}
			}()
			return faults.Cut
		case fault == faults.Status(http.StatusConflict) && req.Method == http.MethodGet:
			return faults.None // no server answers a GET so
		case fault == faults.Status(http.StatusForbidden) && !wrote:
			return faults.None // before the first write a refusal is final
		}
		return fault
	})
	return proxy
}
