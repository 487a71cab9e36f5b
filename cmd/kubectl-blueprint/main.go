// Command kubectl-blueprint is the kubectl plugin `kubectl blueprint`: secrets
// in batches, and AI workloads from recipe files.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/spf13/cobra"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd"
)

// noticeDelay is how long an interrupted command may take before it says so.
const noticeDelay = 300 * time.Millisecond

func main() {
	cobra.EnableCommandSorting = false // help lists commands in the order of their use
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second Ctrl-C ends the process at once
		time.AfterFunc(noticeDelay, func() {
			fmt.Fprintln(os.Stderr, "interrupted: waiting for in-flight requests (press Ctrl-C again to exit)")
		})
	})
	os.Exit(cmd.Run(ctx, os.Args[1:], genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}))
}
