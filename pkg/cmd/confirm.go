package cmd

import (
	"context"
	"errors"
	"fmt"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
)

// tellChanges tells what a deploy changes, and reports whether pods are restarted
// or something is removed.
func (o *deployOptions) tellChanges(all []*workload) (disruptive bool) {
	for _, w := range all {
		if w.stays() {
			continue
		}
		r := w.review(false)
		for _, line := range r.Summary() {
			o.say("%s", line)
		}
		disruptive = disruptive || r.Disruptive()
	}
	return disruptive
}

// confirm asks whether what is told is meant, where it disrupts and there is
// somebody to ask.
func (o *deployOptions) confirm(ctx context.Context, all []*workload) error {
	disruptive := o.tellChanges(all)
	if o.yes || !disruptive || o.file == "-" || o.planned.plan != nil {
		return nil
	}
	return confirmed(ctx, o.streams)
}

// confirmed asks whether to go on, where there is somebody to ask.
func confirmed(ctx context.Context, streams genericiooptions.IOStreams) error {
	if !input.IsTerminal(streams.In) {
		return nil
	}
	yes, err := input.Confirm(ctx, streams.In, streams.ErrOut, "Continue?")
	switch {
	case ctx.Err() != nil:
		_, _ = fmt.Fprintln(streams.ErrOut) // the question's line has no end
		return errors.New("interrupted, nothing was written")
	case err == nil && !yes:
		return errors.New("nothing was written")
	}
	return err
}
