package system_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// longDelay is longer than another process needs to take over a release.
const longDelay = 15 * time.Second

// TestDelayedRequest delays each request of an upgrade in turn, or its response,
// and deploys another recipe meanwhile. Whichever process wins, the history and
// both exit codes say so.
func TestDelayedRequest(t *testing.T) {
	t.Parallel()
	two, job, requests := stateAfter(t, deployTwo), stateAfter(t, deployJob), writing(t, deployOne, deployTwo)
	for i, test := range []struct {
		name  string
		delay func(*http.Request) (request, response time.Duration)
	}{
		{"request", func(req *http.Request) (time.Duration, time.Duration) {
			if !isRecord(req) && req.Method != http.MethodGet { // nothing can stop a write to an object once it is sent
				return 0, longDelay
			}
			return longDelay, 0
		}},
		{"response", func(*http.Request) (time.Duration, time.Duration) { return 0, longDelay }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			requests.atEach(t, 8*i, func(s *sandbox, n int) {
				s.mustRun(deployOne)
				delayed := make(chan struct{}, 1)
				proxy := faults.New(t, nil)
				proxy.Delay(func(i int, req *http.Request) (request, response time.Duration) {
					if i != n {
						return 0, 0
					}
					delayed <- struct{}{}
					return test.delay(req)
				})
				first := start(s.through(proxy.Kubeconfig(t, s.Namespace), deployTwo))
				first.waitUntil(delayed)
				second := start(s.through(s.Kubeconfig, deployJob))
				s.checkWinner(fmt.Sprintf("request %d delayed", n), attempt{first, two}, attempt{second, job})
			})
		})
	}
}

// TestDelayedRival delays each request of a deploy that finds another one under
// way, which ends meanwhile.
func TestDelayedRival(t *testing.T) {
	t.Parallel()
	two, job, requests := stateAfter(t, deployTwo), stateAfter(t, deployJob), writing(t, deployOne, deployJob)
	requests.first = 1
	requests.atEach(t, 0, func(s *sandbox, n int) {
		s.mustRun(deployOne)
		pending, once := make(chan struct{}), sync.Once{}
		slow := faults.New(t, nil)
		slow.Delay(func(_ int, req *http.Request) (request, response time.Duration) {
			if req.Method == http.MethodPatch && strings.Contains(req.URL.Path, "/services/") && !req.URL.Query().Has("dryRun") {
				once.Do(func() {
					close(pending)
					request = 4 * time.Second
				})
			}
			return request, 0
		})
		first := start(s.through(slow.Kubeconfig(t, s.Namespace), deployTwo))
		first.waitUntil(pending)
		proxy := faults.New(t, nil)
		proxy.Delay(func(i int, _ *http.Request) (request, response time.Duration) {
			if i == n {
				return 5 * time.Second, 0
			}
			return 0, 0
		})
		second := start(s.through(proxy.Kubeconfig(t, s.Namespace), deployJob))
		s.checkWinner(fmt.Sprintf("request %d of the second deploy delayed", n), attempt{first, two}, attempt{second, job})
	})
}

// attempt is a process with the state that it makes if it succeeds.
type attempt struct {
	process *process
	state   map[string]any
}

// checkWinner waits for two deploys, of which the second was started after the
// first. One revision must be deployed, each deploy that succeeded must have a
// revision that worked, and the objects must be those of the last one.
func (s *sandbox) checkWinner(when string, attempts ...attempt) {
	s.t.Helper()
	succeeded, outputs := 0, ""
	var want map[string]any
	for _, a := range attempts {
		out, err := a.process.wait()
		outputs += fmt.Sprintf("--- %v: %v\n%s", a.process.Args[1:3], err, out)
		if err == nil {
			succeeded++
			want = a.state
			continue
		}
		if !isBusy(out) && !isLost(out) {
			s.t.Errorf("%s: unexpected error\n%s", when, outputs)
		}
	}
	statuses := s.statuses()
	worked := 0
	for revision, status := range statuses {
		if revision > 1 && (status == "deployed" || status == "superseded") {
			worked++
		}
		if newest := revision == len(statuses); (status == "deployed") != newest {
			s.t.Errorf("%s: revision %d is %s, among %v\n%s", when, revision, status, statuses, outputs)
		}
	}
	if worked != succeeded || succeeded == 0 || statuses[1] != "superseded" {
		s.t.Errorf("%s: %d succeeded, with revisions %v\n%s", when, succeeded, statuses, outputs)
	}
	if diff := cmp.Diff(want, s.state()); diff != "" {
		s.t.Errorf("%s: unexpected objects (-want +got):\n%s\n%s", when, diff, outputs)
	}
}

// isBusy reports whether a process found another one under way.
func isBusy(out string) bool {
	return strings.Contains(out, `another operation is in progress on release "recipe-faulty"`)
}

// isLost reports whether a process lost its release to another one.
func isLost(out string) bool {
	return strings.Contains(out, "lost the lease: another process took over release")
}
