package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// confirm asks whether to continue, if standard input is a terminal.
func confirm(ctx context.Context, streams genericiooptions.IOStreams) error {
	if !color.IsTerminal(streams.In) {
		return nil
	}
	yes, err := input.Confirm(ctx, streams.In, streams.ErrOut, "Continue?")
	switch {
	case ctx.Err() != nil:
		_, _ = fmt.Fprintln(streams.ErrOut) // the question's line has no end
		return errors.New("interrupted; nothing was changed")
	case err == nil && !yes:
		return errors.New("aborted; nothing was changed")
	}
	return err
}

// printSummary prints the changes of a release, and reports whether they restart pods or
// delete objects.
func printSummary(stderr io.Writer, changes diff.Release) (disruptive bool) {
	for _, line := range changes.Summary() {
		printer.Report(stderr, "%s", line)
	}
	return changes.Disruptive()
}

// confirmed reports whether changes need no confirmation.
func confirmed(streams genericiooptions.IOStreams, yes bool, changes diff.Release) bool {
	return yes || !changes.Disruptive() || !color.IsTerminal(streams.In)
}
