// Package process runs a program in place of a container. It owns the process, its log
// in the format of container runtimes (CRI) and the socket on which its server listens
// instead of the container's ports. A process ends with the cluster, even if the cluster
// is killed.
package process

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

const (
	// outputDelay is the time in which the output of an ended process must end too. A
	// child of it may have kept the pipe.
	outputDelay = time.Second
	// healthTimeout is the timeout of a health check, as in a probe.
	healthTimeout = time.Second
)

// Config describes a process.
type Config struct {
	Dir     string   // for its files; Start creates it
	Command []string // gets the argument -socket=FILE
	Env     []string // the whole environment, as NAME=VALUE
}

// Process is a process that was started.
type Process struct {
	dir   string
	cmd   *exec.Cmd
	log   *os.File
	ended chan struct{}
}

// Start starts a process.
func Start(c Config) (*Process, error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	p := &Process{dir: c.Dir, ended: make(chan struct{})}
	log, err := os.OpenFile(p.LogFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	p.log = log
	p.cmd = exec.Command(c.Command[0], append(c.Command[1:len(c.Command):len(c.Command)], "-socket="+p.socket())...)
	p.cmd.Dir = c.Dir
	p.cmd.Env = append([]string{}, c.Env...) // nil would be the cluster's own
	p.cmd.Stdout = &logWriter{file: log, stream: "stdout"}
	p.cmd.Stderr = &logWriter{file: log, stream: "stderr"}
	p.cmd.WaitDelay = outputDelay
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	started := make(chan error)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return p, nil
}

// run reports the start and waits for the end. Pdeathsig acts when the thread that
// started the process ends, so the goroutine keeps it.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		return
	}
	_ = p.cmd.Wait()
	p.signal(syscall.SIGKILL) // its children
	for _, w := range []any{p.cmd.Stdout, p.cmd.Stderr} {
		w.(*logWriter).flush()
	}
	_ = p.log.Close()
	close(p.ended)
}

// LogFile returns the log.
func (p *Process) LogFile() string { return filepath.Join(p.dir, "log") }

func (p *Process) socket() string { return filepath.Join(p.dir, "socket") }

// Ended is closed when the process has ended and its log is complete.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// ExitCode returns the exit code of an ended process, as a container runtime reports it.
func (p *Process) ExitCode() int32 {
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return 128 + int32(status.Signal())
	}
	return int32(p.cmd.ProcessState.ExitCode())
}

// Stop ends the process with SIGTERM, and with SIGKILL once ctx is done.
func (p *Process) Stop(ctx context.Context) {
	select {
	case <-p.ended:
		return
	default:
	}
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.signal(syscall.SIGKILL)
		<-p.ended
	}
}

// signal reaches the process and its children.
func (p *Process) signal(s syscall.Signal) { _ = syscall.Kill(-p.cmd.Process.Pid, s) }

// Dial connects to the server of the process.
func (p *Process) Dial(ctx context.Context) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", p.socket())
	if errors.Is(err, os.ErrNotExist) { // it does not listen yet
		return nil, syscall.ECONNREFUSED
	}
	return conn, err
}

// Healthy reports whether the server answers GET /health with status 200.
func (p *Process) Healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return p.Dial(ctx) },
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/health", nil)
	if err != nil {
		return false
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
