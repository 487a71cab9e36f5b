package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// killAfter is how long COMMAND has to end after a signal.
const killAfter = 5 * time.Second

// runCommand runs COMMAND to its end and returns its exit code. Signals go to
// its whole process group, which is killed if it does not heed them.
func (c *cluster) runCommand(signals <-chan os.Signal) int {
	// Pdeathsig acts when the thread that started COMMAND ends, so keep it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := c.command()
	foreground := handOverTerminal(cmd)
	if err := cmd.Start(); err != nil {
		return c.fail(err)
	}
	defer foreground.takeBack()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	failed := c.failed()
	var kill <-chan time.Time
	code := -1
	for {
		select {
		case err := <-ended:
			if kill != nil {
				signalGroup(cmd, syscall.SIGKILL) // what it has left behind
			}
			if code < 0 {
				code = c.exitCode(err)
			}
			return code
		case s := <-signals:
			signalGroup(cmd, s.(syscall.Signal))
			kill = time.After(killAfter)
		case err := <-failed:
			code, failed = c.fail(err), nil
			signalGroup(cmd, syscall.SIGTERM)
			kill = time.After(killAfter)
		case <-kill:
			signalGroup(cmd, syscall.SIGKILL)
		}
	}
}

func (c *cluster) command() *exec.Cmd {
	cmd := exec.Command(c.opts.command[0], c.opts.command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, c.stderr
	cmd.Env = append(os.Environ(),
		"KUBECONFIG="+c.opts.kubeconfig,
		"BLUEPRINT_TEST_CLUSTER="+c.opts.kubeconfig,
		fmt.Sprintf("BLUEPRINT_CLUSTER_PID=%d", os.Getpid()), // SIGUSR1 restarts the API server
	)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	return cmd
}

func signalGroup(cmd *exec.Cmd, s syscall.Signal) {
	_ = syscall.Kill(-cmd.Process.Pid, s) // it may have ended by itself
}

// exitCode is a shell's: 128 and the signal's number for a command so ended.
func (c *cluster) exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case !errors.As(err, &exit):
		return c.fail(err)
	}
	if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
