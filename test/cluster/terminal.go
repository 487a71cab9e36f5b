package main

import (
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// foreground is the process group that had the terminal before COMMAND, or 0
// without a terminal.
type foreground int

// handOverTerminal lets cmd, which has a process group of its own, read from
// the terminal and be interrupted from it.
func handOverTerminal(cmd *exec.Cmd) foreground {
	stdin := int(os.Stdin.Fd())
	group, err := unix.IoctlGetInt(stdin, unix.TIOCGPGRP)
	if err != nil || group != unix.Getpgrp() {
		return 0
	}
	cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, stdin
	return foreground(group)
}

// takeBack gives the terminal to the group that had it.
func (f foreground) takeBack() {
	if f == 0 {
		return
	}
	signal.Ignore(syscall.SIGTTOU) // or asking for it from the background would stop us
	_ = unix.IoctlSetPointerInt(int(os.Stdin.Fd()), unix.TIOCSPGRP, int(f))
}
