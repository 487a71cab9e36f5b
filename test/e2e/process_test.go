package e2e

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
)

// process is one run of the plugin: what it said, and when.
type process struct {
	cmd   *exec.Cmd
	code  int // once wait has returned
	ended time.Time
	pipes sync.WaitGroup

	mu    sync.Mutex
	lines []line
}

type line struct {
	at     time.Time
	stderr bool
	text   string
}

// run runs the plugin to its end.
func (l *lane) run(args ...string) *process {
	l.t.Helper()
	p := l.start(args...)
	p.wait(l)
	return p
}

// start starts the plugin in the namespace of the test.
func (l *lane) start(args ...string) *process {
	l.t.Helper()
	p := &process{cmd: exec.Command(program(l.t, "kubectl-blueprint"), append(args, "--namespace="+l.namespace)...)}
	p.cmd.Env = append(os.Environ(), "KUBECONFIG="+os.Getenv("BLUEPRINT_TEST_CLUSTER"))
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		l.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	p.pipes.Go(func() { p.read(stdout, false) })
	p.pipes.Go(func() { p.read(stderr, true) })
	return p
}

func (p *process) wait(l *lane) {
	l.t.Helper()
	p.pipes.Wait()
	if err := p.cmd.Wait(); err != nil && p.cmd.ProcessState == nil {
		l.t.Fatal(err)
	}
	p.code, p.ended = p.cmd.ProcessState.ExitCode(), time.Now()
	canary.Search(l.t, p.String(), password, apiKey)
}

func (p *process) read(from io.Reader, stderr bool) {
	for s := bufio.NewScanner(from); s.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, line{time.Now(), stderr, s.Text()})
		p.mu.Unlock()
	}
}

// String is all that was said, each line with its second.
func (p *process) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all strings.Builder
	for _, l := range p.lines {
		fmt.Fprintf(&all, "%s %s\n", l.at.Format("05.000"), l.text)
	}
	return all.String()
}

// stdout returns the text of stdout without the last newline.
func (p *process) stdout() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var lines []string
	for _, l := range p.lines {
		if !l.stderr {
			lines = append(lines, l.text)
		}
	}
	return strings.Join(lines, "\n")
}

// says returns when words were first said on stderr.
func (p *process) says(words string) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.lines {
		if l.stderr && strings.Contains(l.text, words) {
			return l.at, true
		}
	}
	return time.Time{}, false
}
