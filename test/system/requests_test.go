package system_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// sampleStep is the distance of the requests that -short samples.
const sampleStep = 16

// runsAtATime is how many runs of one test are under way: they wait most of the
// time.
const runsAtATime = 8

// span is the range of the requests of a command that a test disturbs.
type span struct{ first, last int }

// atEach calls disturb for each request of the span, with a new sandbox. With
// -short it takes every sampleStep-th one from an offset on, or the last one of a
// short span. Tests that disturb the same command use different offsets, so that
// together they cover more of its requests.
func (r span) atEach(t *testing.T, offset int, disturb func(s *sandbox, n int)) {
	t.Helper()
	if r.first < 1 || r.last < r.first {
		t.Fatalf("no requests to disturb from %d to %d", r.first, r.last)
	}
	first, step := r.first, 1
	if testing.Short() {
		first, step = min(r.first+offset%sampleStep, r.last), sampleStep
	}
	var group errgroup.Group
	group.SetLimit(runsAtATime)
	for n := first; n <= r.last; n += step {
		group.Go(func() error {
			disturb(newSandbox(t), n)
			return nil
		})
	}
	_ = group.Wait()
}

// writing runs commands in a new sandbox and returns the requests of the last one
// from the first that writes on.
func writing(t *testing.T, lines ...string) span {
	t.Helper()
	s, line := newSandbox(t), lines[len(lines)-1]
	s.mustRun(lines[:len(lines)-1]...)
	first := 0
	proxy := faults.New(t, func(n int, req *http.Request) faults.Fault {
		if first == 0 && writes(req) {
			first = n
		}
		return faults.None
	})
	if out, err := s.through(proxy.Kubeconfig(t, s.Namespace), line).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
	t.Logf("%s: %d requests, writing from %d on", line, proxy.Requests(), first)
	return span{first, proxy.Requests()}
}

// writes reports whether a request can be the first that writes, which creates or
// changes a record. The dry run of a deletion is one only by its body.
func writes(req *http.Request) bool {
	return req.Method != http.MethodGet && req.Method != http.MethodDelete && !req.URL.Query().Has("dryRun")
}

// isRecord reports whether a request is about a record of Helm.
func isRecord(req *http.Request) bool {
	return strings.Contains(req.URL.Path, "/secrets/sh.helm.release.")
}

// createsRecord reports whether a request creates a Secret, which in these tests
// is a record.
func createsRecord(req *http.Request) bool {
	return req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/secrets") && !req.URL.Query().Has("dryRun")
}
