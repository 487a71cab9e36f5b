package system_test

import (
	"bufio"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// process is a process of the plugin that was started.
type process struct {
	*exec.Cmd
	out   strings.Builder // both streams, complete when ended is closed
	err   error
	ended chan struct{}
}

func start(command *exec.Cmd) *process {
	p := &process{Cmd: command, ended: make(chan struct{})}
	command.Stdout, command.Stderr = &p.out, &p.out
	if p.err = command.Start(); p.err != nil {
		close(p.ended)
		return p
	}
	go func() {
		defer close(p.ended)
		p.err = command.Wait()
	}()
	return p
}

// waitUntil waits for an event or for the end of the process.
func (p *process) waitUntil(event <-chan struct{}) {
	select {
	case <-event:
	case <-p.ended:
	}
}

// wait returns what the process wrote, and its error.
func (p *process) wait() (string, error) {
	<-p.ended
	return p.out.String(), p.err
}

// interruptAt runs a command and interrupts it at the first line of its standard
// error that matches. It returns all of them, and fails t if the command succeeds
// or no line matches.
func interruptAt(t *testing.T, command *exec.Cmd, matches func(line string) bool) string {
	t.Helper()
	return watchLines(t, command, matches, func() error { return command.Process.Signal(syscall.SIGINT) }, func(err error) bool { return err != nil })
}

// watchLines runs a command, calls act at the first line of its standard error
// that matches, and returns all of them. It fails t if no line matches, or if the
// command does not end as it should.
func watchLines(t *testing.T, command *exec.Cmd, matches func(line string) bool, act func() error, ends func(error) bool) string {
	t.Helper()
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	acted := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		out.WriteString(lines.Text() + "\n")
		if acted || !matches(lines.Text()) {
			continue
		}
		acted = true
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
	if err := command.Wait(); !ends(err) || !acted {
		t.Errorf("the command ends with %v; a line matched: %t\n%s", err, acted, out.String())
	}
	return out.String()
}
