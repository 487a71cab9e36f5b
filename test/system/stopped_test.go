package system_test

import (
	"net/http"
	"os/exec"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// TestStoppedRunIsTakenOver stops a process at a request, as the sleep of a laptop
// does, lets another one take over and continues the first one. That one reports
// that it has lost, and changes nothing.
func TestStoppedRunIsTakenOver(t *testing.T) {
	t.Parallel()
	requests := writing(t, deployOne, deployJob)
	requests.first++ // after its record is written
	requests.atEach(t, 0, func(s *sandbox, n int) {
		s.mustRun(deployOne)
		s.stopAt(n)
	})
}

func (s *sandbox) stopAt(n int) {
	s.t.Helper()
	var command *exec.Cmd
	started, stopped := make(chan struct{}), make(chan struct{})
	proxy := faults.New(s.t, func(i int, _ *http.Request) faults.Fault {
		if i == n {
			<-started
			_ = command.Process.Signal(syscall.SIGSTOP)
			close(stopped)
		}
		return faults.None
	})
	command = s.through(proxy.Kubeconfig(s.t, s.Namespace), deployJob)
	p := start(command)
	close(started)
	select {
	case <-stopped:
	case <-p.ended: // it needed fewer requests this time
		if out, err := p.wait(); err != nil {
			s.t.Errorf("it failed before request %d: %v\n%s", n, err, out)
		}
		return
	}
	s.mustRun(deployTwo)
	want := s.state()
	if err := command.Process.Signal(syscall.SIGCONT); err != nil {
		s.t.Error(err)
	}
	// A run that was stopped after its last write has lost nothing; one that was
	// stopped before its first one is only late.
	if out, err := p.wait(); err != nil && !isLost(out) && !isBusy(out) {
		s.t.Errorf("stopped at request %d: %v\n%s", n, err, out)
	}
	if diff := cmp.Diff(want, s.state()); diff != "" {
		s.t.Errorf("stopped at request %d, it changed objects later (-before +after):\n%s", n, diff)
	}
}
