// Command cluster is a Kubernetes cluster for tests and demonstrations: etcd,
// kube-apiserver, kube-controller-manager and kube-scheduler in one process,
// simulated nodes with GPUs whose pods behave as a kubelet's do, volumes for
// claims, and on request third-party APIs (-crds) and a program that runs in place
// of containers with GPUs (-model-server).
//
//	cluster [flags]                      run until SIGTERM
//	cluster [flags] -- COMMAND [ARG...]  run COMMAND in it, then stop
//
// It is ready when the kubeconfig appears at its path. COMMAND finds that path
// in KUBECONFIG and BLUEPRINT_TEST_CLUSTER. Each start is an empty cluster.
// Packages pki, controlplane, node, kubelet, process and volumes do the work; this one puts them
// together and sees to the process: flags, signals, files, exit codes.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	opts, err := parse(args)
	if err != nil {
		return usageCode(err)
	}
	c := newCluster(opts)
	if len(opts.command) > 0 { // before a start that would be for nothing
		if _, err := exec.LookPath(opts.command[0]); err != nil {
			return c.fail(err)
		}
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer c.stop()
	if err := startUnlessSignalled(c, signals); err != nil {
		return c.fail(err)
	}
	if len(opts.command) > 0 {
		fmt.Fprintln(c.stderr, c.readiness())
		return c.runCommand(signals)
	}
	fmt.Println(c.readiness())
	select {
	case <-signals:
		return 0
	case err := <-c.failed():
		return c.fail(err)
	}
}

// startUnlessSignalled gives up the start on the first signal.
func startUnlessSignalled(c *cluster, signals <-chan os.Signal) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	started := make(chan error, 1)
	go func() { started <- c.start(ctx) }()
	select {
	case err := <-started:
		return err
	case s := <-signals:
		cancel(fmt.Errorf("%v while starting", s))
		<-started
		return context.Cause(ctx)
	}
}
