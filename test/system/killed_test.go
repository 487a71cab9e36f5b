package system_test

import (
	"net/http"
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// killTest kills one command. After the last command the namespace must be as if
// only that one had run.
type killTest struct {
	before []string // commands that run undisturbed
	killed string
	after  string
	offset int // of the sampled requests
}

// killTests use different offsets for the same killed command.
var killTests = map[string]killTest{
	"install":              {nil, deployTwo, deployTwo, 0},
	"install, then other":  {nil, deployJob, deployOne, 2},
	"upgrade":              {[]string{deployOne}, deployTwo, deployTwo, 0},
	"upgrade, then back":   {[]string{deployOne}, deployTwo, deployOne, 8},
	"upgrade, then other":  {[]string{deployOne}, deployJob, deployTwo, 4},
	"rollback":             {[]string{deployTwo, deployOne}, "rollback faulty --wait=false", deployJob, 12},
	"undeploy, then again": {[]string{deployOne, deployTwo}, undeploy, undeploy, 0},
	"undeploy, then other": {[]string{deployTwo}, undeploy, deployOne, 8},
	"group":                {nil, deployGroup, deployGroup, 0},
}

// TestKilledAtEveryRequest kills a command with SIGKILL at each request from the
// first that writes on. The next command leaves no release pending and no object
// or field too many.
func TestKilledAtEveryRequest(t *testing.T) {
	t.Parallel()
	for name, test := range killTests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := stateAfter(t, test.after)
			requests := writing(t, append(test.before, test.killed)...)
			requests.first-- // killed before it writes
			requests.atEach(t, test.offset, func(s *sandbox, n int) {
				s.mustRun(test.before...)
				s.killAt(n, test.killed)
				code, stdout, stderr := s.run(test.after)
				// An undeploy that was killed after its last deletion leaves nothing to undeploy.
				if undeployed := test.after == undeploy && test.killed == undeploy && len(s.statuses()) == 0; code != 0 && !undeployed {
					t.Errorf("killed at request %d, %s: exit code %d\n%s%s", n, test.after, code, stdout, stderr)
				}
				if diff := cmp.Diff(want, s.state()); diff != "" {
					t.Errorf("killed at request %d: unexpected objects (-want +got):\n%s", n, diff)
				}
			})
		})
	}
}

// killAt runs a command and kills it when it sends its nth request.
func (s *sandbox) killAt(n int, line string) {
	s.t.Helper()
	var process *exec.Cmd
	started := make(chan struct{})
	proxy := faults.New(s.t, func(i int, _ *http.Request) faults.Fault {
		if i < n {
			return faults.None
		}
		<-started
		_ = process.Process.Kill()
		return faults.Cut
	})
	process = s.through(proxy.Kubeconfig(s.t, s.Namespace), line)
	if err := process.Start(); err != nil {
		s.t.Error(err)
		return
	}
	close(started)
	if err := process.Wait(); err == nil && proxy.Requests() >= n {
		s.t.Errorf("%s: not killed at request %d", line, n)
	}
}
