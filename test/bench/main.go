// Command bench compares kubectl-blueprint with what its users would run
// otherwise: helm template, kubectl, and a loop over client-go.
//
//	bin/cluster -- go run ./test/bench [-runs N] [-only REGEXP]
//
// Whoever is compared is a process of its own, so that start-up, parsing and
// printing count. Contenders take turns, after a warm-up that is not counted;
// after each run the cluster is asked whether all was done, so that a failure
// can't look fast. A table for each part goes to stdout, progress to stderr.
//
//	part ─contenders→ runner ─samples→ table
//
// The cluster is the one that BLUEPRINT_TEST_CLUSTER names; the namespace used
// there is removed at the end.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && args[0] == bareCommand {
		return runBare(ctx, args[1:])
	}
	debug.SetGCPercent(10) // a child's peak RSS is never less than its parent's
	opts, err := parseOptions(args)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, opts.timeout, fmt.Errorf("not done after %s", opts.timeout))
	defer cancel()
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := newRunner(dir, opts)
	if err != nil {
		return err
	}
	if err := runParts(ctx, r, opts); err != nil {
		if ctx.Err() != nil { // what failed then was killed
			return context.Cause(ctx)
		}
		return err
	}
	return nil
}

// runParts runs the parts that were asked for. It reaches for a cluster only if
// one of them needs it.
func runParts(ctx context.Context, r *runner, opts options) error {
	c := newCluster()
	parts, err := clusterParts(r, c)
	if err != nil {
		return err
	}
	parts = slices.DeleteFunc(slices.Concat(offlineParts(r), parts, deployParts(r, c)), func(p part) bool {
		return !opts.only.MatchString(p.name)
	})
	if len(parts) == 0 {
		return fmt.Errorf("-only: no part is called %s", opts.only)
	}
	if slices.ContainsFunc(parts, func(p part) bool { return p.cluster }) {
		if err := c.open(ctx, r.kubeconfig); err != nil {
			return err
		}
		defer c.remove()
	}
	printMachine(r.stdout)
	for _, p := range parts {
		if err := r.run(ctx, p); err != nil {
			return err
		}
	}
	return nil
}
