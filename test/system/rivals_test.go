package system_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// rivalTests are commands that change one release at the same time.
var rivalTests = map[string]struct {
	before   []string
	commands []string
}{
	"two installs":         {nil, []string{deployOne, deployTwo}},
	"four installs":        {nil, []string{deployOne, deployTwo, deployJob, deployOne}},
	"four upgrades":        {[]string{deployOne}, []string{deployTwo, deployTwo, deployJob, deployJob}},
	"upgrade and rollback": {[]string{deployTwo, deployOne}, []string{deployJob, "rollback faulty --wait=false"}},
	"upgrade and undeploy": {[]string{deployOne}, []string{deployTwo, undeploy}},
	"two undeploys":        {[]string{deployOne}, []string{undeploy, undeploy}},
	"three commands":       {[]string{deployTwo, deployOne}, []string{deployJob, undeploy, "rollback faulty 1 --wait=false"}},
}

// TestOneOfRivalsWins has several processes create their records at the same
// moment, after each of them has found no other one. One succeeds, the others
// report that the release is busy, and the objects are those of the winner.
func TestOneOfRivalsWins(t *testing.T) {
	t.Parallel()
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	for name, test := range rivalTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range rounds {
				s := newSandbox(t)
				s.mustRun(test.before...)
				outputs, errs := s.race(test.commands)
				winner := -1
				for i, err := range errs {
					switch {
					case err == nil && winner >= 0:
						t.Errorf("two succeeded:\n%s\n%s", outputs[winner], outputs[i])
					case err == nil:
						winner = i
					case !isBusy(outputs[i]):
						t.Errorf("%s: unexpected error\n%s", test.commands[i], outputs[i])
					}
				}
				if winner < 0 {
					t.Fatalf("none succeeded: %q", outputs)
				}
				won := test.commands[winner]
				if strings.HasPrefix(won, "rollback") {
					won = deployTwo // the revision that all rollbacks of these tests restore
				}
				if diff := cmp.Diff(stateAfter(t, won), s.state()); diff != "" {
					t.Errorf("unexpected objects after %s (-want +got):\n%s", test.commands[winner], diff)
				}
			}
		})
	}
}

// race runs commands at the same time, and holds each of them when it is about to
// create its record, until all are.
func (s *sandbox) race(lines []string) ([]string, []error) {
	s.t.Helper()
	var all sync.WaitGroup
	all.Add(len(lines))
	outputs, errs := make([]string, len(lines)), make([]error, len(lines))
	processes := make([]*process, len(lines))
	for i, line := range lines {
		proxy := faults.New(s.t, atFirst(createsRecord, func() {
			all.Done()
			all.Wait()
		}))
		processes[i] = start(s.through(proxy.Kubeconfig(s.t, s.Namespace), line))
	}
	for i, p := range processes {
		outputs[i], errs[i] = p.wait()
	}
	return outputs, errs
}

// atFirst calls do before the first request that matches is passed on.
func atFirst(matches func(*http.Request) bool, do func()) faults.Choose {
	done := false
	return func(_ int, req *http.Request) faults.Fault {
		if !done && matches(req) {
			done = true
			do()
		}
		return faults.None
	}
}
