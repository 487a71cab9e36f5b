// Command node adds a real node to the cluster of KUBECONFIG, runs a command,
// and takes the node away again: a kubelet with containerd and runc, which
// pulls images and runs processes, where the nodes of test/cluster only claim
// to.
//
//	cluster -kubelet=real-node -- node [-bin DIR] -- COMMAND [ARG...]
//	node -check
//
// The cluster has to be one of test/cluster on this machine, started with
// -kubelet: its directory holds the kubelet's credentials. DIR holds kubelet
// and pause; containerd, runc, the CNI plugins and ip are the machine's. The
// node takes root. It lives in namespaces for processes and mounts of its own,
// so nothing of it outlives this program, however that ends: what the kernel
// does not undo by itself (two links, empty control groups, a directory) is
// undone at the end, or at the next start after a kill.
//
// COMMAND finds the node's directory in BLUEPRINT_TEST_NODE. -check says
// whether the machine allows all this, with exit code 3 and the reason if not.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// cannotCode is the exit code of -check on a machine that can hold no node.
const cannotCode = 3

func main() {
	bin := flag.String("bin", "bin", "`directory` of kubelet and pause")
	onlyCheck := flag.Bool("check", false, "only say whether this machine can hold a node")
	inner := flag.String("inside", "", "for the program's own use: be the first process of the node in `directory`")
	flag.Parse()
	switch {
	case *inner != "":
		end("inside", inside(*inner))
	case *onlyCheck:
		if err := checkAlone(); err != nil {
			fmt.Fprintln(os.Stderr, "node: no node can run here:", err)
			os.Exit(cannotCode)
		}
	default:
		end("node", run(*bin, flag.Args()))
	}
}

// end ends the program with COMMAND's own exit code, or a shell's if a signal
// has ended that.
func end(who string, err error) {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		if status := exit.Sys().(syscall.WaitStatus); status.Signaled() {
			os.Exit(128 + int(status.Signal()))
		}
		os.Exit(exit.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, who+":", err)
		os.Exit(1)
	}
}

// checkAlone checks while no other node is here.
func checkAlone() error {
	lock, err := lockMachine(context.Background())
	if err != nil {
		return err
	}
	defer lock.Close()
	return check()
}

func run(bin string, command []string) (err error) {
	if len(command) == 0 {
		return errors.New("usage: node [-bin DIR] -- COMMAND [ARG...]")
	}
	// The process group gets the signals, COMMAND among it: wait for its end. To
	// ignore them would make COMMAND ignore them, too.
	starting, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	runtime.LockOSThread() // the node dies with the thread that has started it
	lock, err := lockMachine(starting)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := check(); err != nil {
		return err
	}
	begin := time.Now()
	n := &node{bin: bin}
	defer func() { err = errors.Join(err, n.remove()) }()
	if err := n.create(); err != nil {
		return err
	}
	if err := n.waitUntilReady(starting); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "node: ready in %.1fs\n", time.Since(begin).Seconds())
	return n.runCommand(command)
}

// runCommand ends COMMAND if the node ends before it.
func (n *node) runCommand(command []string) error {
	cmd := exec.CommandContext(n.running, command[0], command[1:]...)
	cmd.Cancel = func() error {
		if syscall.Getpgrp() == os.Getpid() { // what COMMAND has started ends with it
			return syscall.Kill(0, syscall.SIGTERM)
		}
		return cmd.Process.Signal(syscall.SIGTERM)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "BLUEPRINT_TEST_NODE="+n.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	err := cmd.Run()
	if n.running.Err() != nil {
		return n.whyEnded()
	}
	return err
}
