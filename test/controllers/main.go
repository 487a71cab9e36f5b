// Command controllers runs another command in a cluster that has Kueue and
// LeaderWorkerSet: the projects' own manifests and the projects' own
// controllers, built from their modules.
//
//	controllers -bin DIR -- COMMAND [ARG...]
//
// KUBECONFIG names the cluster. DIR holds, for each project, its controller
// (kueue) and its manifests (kueue.yaml). The controllers run as processes here
// rather than as pods, so of the manifests the Deployments are left out, and
// the webhooks' Services lead to this machine. COMMAND finds
// BLUEPRINT_TEST_CONTROLLERS set, and runs once both webhooks answer.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	bin := flag.String("bin", "bin", "`directory` of the controllers and their manifests")
	flag.Parse()
	// The process group gets the signals, COMMAND among it: wait for its end. To
	// ignore them would make COMMAND ignore them, too.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(*bin, flag.Args())
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		os.Exit(max(exit.ExitCode(), 1))
	case err != nil:
		fmt.Fprintln(os.Stderr, "controllers:", err)
		os.Exit(1)
	}
}

func run(bin string, command []string) error {
	if len(command) == 0 {
		return errors.New("usage: controllers [-bin DIR] -- COMMAND [ARG...]")
	}
	dir, err := os.MkdirTemp("", "controllers-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	config.QPS = -1
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	begin := time.Now()
	for _, p := range projects {
		c := &controller{project: p, bin: bin, dir: dir, config: config, failed: cancel}
		stop, err := c.start(ctx)
		defer stop()
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	fmt.Fprintf(os.Stderr, "controllers: ready in %.1fs\n", time.Since(begin).Seconds())
	return runCommand(ctx, command)
}

// runCommand ends COMMAND if a controller ends before it.
func runCommand(ctx context.Context, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "BLUEPRINT_TEST_CONTROLLERS=1")
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
