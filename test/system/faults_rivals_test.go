package system_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// rivals are commands that work on one release at once.
var rivals = map[string]struct {
	before   []string
	commands []string
}{
	"two installs":         {nil, []string{deployOne, deployTwo}},
	"four installs":        {nil, []string{deployOne, deployTwo, deployJob, deployOne}},
	"four upgrades":        {[]string{deployOne}, []string{deployTwo, deployTwo, deployJob, deployJob}},
	"upgrade and rollback": {[]string{deployTwo, deployOne}, []string{deployJob, "rollback faulty --wait=false"}},
	"upgrade and undeploy": {[]string{deployOne}, []string{deployTwo, "undeploy faulty --wait=false"}},
	"two undeploys":        {[]string{deployOne}, []string{"undeploy faulty --wait=false", "undeploy faulty --wait=false"}},
	"three of kinds":       {[]string{deployTwo, deployOne}, []string{deployJob, "undeploy faulty --wait=false", "rollback faulty 1 --wait=false"}},
}

// TestOneOfRivalsWins has several processes make their record at the same moment:
// each has looked, and found nobody at work. One succeeds, the others say that
// somebody was first, and the objects are those of the winner.
func TestOneOfRivalsWins(t *testing.T) {
	t.Parallel()
	for name, r := range rivals {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range points(1, 3) {
				w := newWorld(t)
				for _, command := range r.before {
					w.must(t, command)
				}
				outputs, errs := w.race(t, r.commands)
				winner := -1
				for i, err := range errs {
					switch {
					case err == nil && winner >= 0:
						t.Errorf("two won:\n%s\n%s", outputs[winner], outputs[i])
					case err == nil:
						winner = i
					case !strings.Contains(outputs[i], "another operation is in progress on release \"recipe-faulty\""):
						t.Errorf("%s says\n%s", r.commands[i], outputs[i])
					}
				}
				if winner < 0 {
					t.Fatalf("none won: %q", outputs)
				}
				if strings.HasPrefix(r.commands[winner], "rollback") {
					continue // to what it was before
				}
				want := newWorld(t).after(t, r.commands[winner])
				if diff := cmp.Diff(want, w.state(t)); diff != "" {
					t.Errorf("not what %s makes (-want +got):\n%s", r.commands[winner], diff)
				}
			}
		})
	}
}

// race runs commands side by side, and holds each back when it is about to make
// its record, until all are.
func (w *world) race(t *testing.T, commands []string) ([]string, []error) {
	t.Helper()
	var all sync.WaitGroup
	all.Add(len(commands))
	errs, outputs := make([]error, len(commands)), make([]string, len(commands))
	var ended sync.WaitGroup
	for i, command := range commands {
		proxy := faults.New(t, once(func(req *http.Request) bool { return makesRecord(req) }, func() {
			all.Done()
			all.Wait()
		}))
		process := w.process(proxy.Kubeconfig(t, w.namespace), command)
		ended.Go(func() {
			out, err := process.CombinedOutput()
			outputs[i], errs[i] = string(out), err
		})
	}
	ended.Wait()
	return outputs, errs
}

func makesRecord(req *http.Request) bool {
	return req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/secrets") && !req.URL.Query().Has("dryRun")
}

// once calls do before the first request of its kind is passed on.
func once(kind func(*http.Request) bool, do func()) faults.Choose {
	done := false
	return func(_ int, req *http.Request) faults.Fault {
		if !done && kind(req) {
			done = true
			do()
		}
		return faults.None
	}
}
