package cmd_test

import (
	"bufio"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestWatch changes a release while list and status watch it, and ends them with Ctrl-C.
func TestWatch(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	s.Deploy(s.Write("a.json", service("1")))
	list, status := startWatch(t, s, "list", "--no-headers", "-w"), startWatch(t, s, "status", "a", "-w", "--color", "always")
	list.waitFor(" 1 ", "deployed")
	status.waitFor("release recipe-a (revision 1)")
	status.waitFor("\x1b[")
	s.Deploy(s.Write("a.json", service("2")))
	list.waitFor(" 2 ", "deployed")
	status.waitFor("release recipe-a (revision 2)")
	for _, w := range []*watched{list, status} {
		if code := w.interrupt(); code != 130 {
			t.Errorf("%v: exit code %d", w.process.Args[1:], code)
		}
	}
}

// watched is a command that prints lines until it is interrupted.
type watched struct {
	t       *testing.T
	process *exec.Cmd
	lines   chan string
}

func startWatch(t *testing.T, s *plugin.Sandbox, args ...string) *watched {
	t.Helper()
	w := &watched{t, s.Command(args...), make(chan string, 1000)}
	stdout, err := w.process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.process.Process.Kill() })
	go func() {
		defer close(w.lines)
		for lines := bufio.NewScanner(io.Reader(stdout)); lines.Scan(); {
			w.lines <- lines.Text()
		}
	}()
	return w
}

// waitFor waits for a line with all parts.
func (w *watched) waitFor(parts ...string) {
	w.t.Helper()
	var seen []string
	for timeout := time.After(time.Minute); ; {
		select {
		case line, open := <-w.lines:
			seen = append(seen, line)
			found := open
			for _, part := range parts {
				found = found && strings.Contains(line, part)
			}
			if found {
				return
			}
			if !open {
				w.t.Fatalf("%v ended without %q:\n%s", w.process.Args[1:], parts, strings.Join(seen, "\n"))
			}
		case <-timeout:
			w.t.Fatalf("%v: no line with %q in\n%s", w.process.Args[1:], parts, strings.Join(seen, "\n"))
		}
	}
}

// interrupt returns the exit code after Ctrl-C.
func (w *watched) interrupt() int {
	w.t.Helper()
	if err := w.process.Process.Signal(syscall.SIGINT); err != nil {
		w.t.Fatal(err)
	}
	for range w.lines { // until it ends
	}
	_ = w.process.Wait()
	return w.process.ProcessState.ExitCode()
}
