package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"syscall"

	logsapi "k8s.io/component-base/logs/api/v1"
	"k8s.io/klog/v2"
)

// redirectLogs sends all that the components say to the log file. Some of it
// goes past klog, straight to file descriptor 2, so that becomes the log too;
// a crash still shows on the real one.
func (c *cluster) redirectLogs() error {
	file, err := os.OpenFile(c.opts.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	fd, err := syscall.Dup(int(os.Stderr.Fd()))
	if err != nil {
		return err
	}
	syscall.CloseOnExec(fd)
	c.stderr = os.NewFile(uintptr(fd), "stderr")
	if err := debug.SetCrashOutput(c.stderr, debug.CrashOptions{}); err != nil {
		return err
	}
	if err := syscall.Dup3(int(file.Fd()), int(os.Stderr.Fd()), 0); err != nil {
		return err
	}
	return c.configureKlog(file)
}

func (c *cluster) configureKlog(file *os.File) error {
	// The components set klog up one after the other: let them find it done.
	logsapi.ReapplyHandling = logsapi.ReapplyHandlingIgnoreUnchanged
	flags := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(flags)
	err := flags.Parse([]string{
		"-logtostderr=false", "-alsologtostderr=false", "-stderrthreshold=FATAL", "-one_output",
		"-v=" + strconv.Itoa(c.opts.verbosity),
	})
	klog.SetOutput(file)
	// A component that gives up through klog ends the process on the spot: the
	// log stays behind, and this says where.
	klog.OsExit = func(int) {
		os.Exit(c.fail(fmt.Errorf("a component gave up, see the end of %s", c.opts.log)))
	}
	return err
}
