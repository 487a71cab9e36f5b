package system_test

import (
	"bytes"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// TestStoppedRunIsTakenOver stops a process at a request, as the sleep of a
// laptop does, has another one take over, and lets the first one go on: it sees
// that it has lost, and leaves everything alone.
func TestStoppedRunIsTakenOver(t *testing.T) {
	t.Parallel()
	counted := newWorld(t)
	counted.must(t, deployOne)
	first, last := counted.writing(t, deployJob)
	var group errgroup.Group
	group.SetLimit(storiesAtATime)
	for _, n := range points(first+1, last) {
		group.Go(func() error {
			w := newWorld(t)
			w.must(t, deployOne)
			w.stoppedAt(t, n)
			return nil
		})
	}
	_ = group.Wait()
}

func (w *world) stoppedAt(t *testing.T, n int) {
	var process *exec.Cmd
	started, stopped := make(chan struct{}), make(chan struct{})
	proxy := faults.New(t, func(i int, _ *http.Request) faults.Fault {
		if i == n {
			<-started
			_ = process.Process.Signal(syscall.SIGSTOP)
			close(stopped)
		}
		return faults.None
	})
	var out bytes.Buffer
	process = w.process(proxy.Kubeconfig(t, w.namespace), deployJob)
	process.Stdout, process.Stderr = &out, &out
	if err := process.Start(); err != nil {
		t.Error(err)
		return
	}
	close(started)
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	select {
	case <-stopped:
	case err := <-ended: // it needed fewer requests this time
		if err != nil {
			t.Errorf("not stopped, it failed: %v\n%s", err, out.String())
		}
		return
	}
	w.must(t, deployTwo)
	want := w.state(t)
	if err := process.Process.Signal(syscall.SIGCONT); err != nil {
		t.Error(err)
	}
	// One that was through, and only had yet to say so, has lost nothing; one that
	// had no record yet was just late.
	if err := <-ended; err != nil && !strings.Contains(out.String(), "lost the lease: another process took over release") && !strings.Contains(out.String(), "another operation is in progress") {
		t.Errorf("stopped at request %d: %v\n%s", n, err, out.String())
	}
	if diff := cmp.Diff(want, w.state(t)); diff != "" {
		t.Errorf("stopped at request %d, it changed something after all (-before +after):\n%s", n, diff)
	}
}
