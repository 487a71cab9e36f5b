package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericiooptions"
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
	if !isTerminal(streams.In) {
		return nil
	}
	yes, err := ask(ctx, streams, "Continue?")
	switch {
	case ctx.Err() != nil:
		_, _ = fmt.Fprintln(streams.ErrOut) // the question's line has no end
		return errors.New("interrupted, nothing was written")
	case err == nil && !yes:
		return errors.New("nothing was written")
	}
	return err
}

// ask asks on the terminal. Only y and yes are a yes.
func ask(ctx context.Context, streams genericiooptions.IOStreams, question string) (bool, error) {
	_, _ = fmt.Fprintf(streams.ErrOut, "%s [y/N] ", question)
	answer, err := unlessDone(ctx, func() (string, error) {
		return bufio.NewReader(streams.In).ReadString('\n')
	})
	if errors.Is(err, io.EOF) { // Ctrl-D
		_, _ = fmt.Fprintln(streams.ErrOut)
		err = nil
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", err
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
