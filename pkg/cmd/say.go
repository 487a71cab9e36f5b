package cmd

import (
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// printLine writes a line of output. Foreign text in it can neither act on a
// terminal nor start another line.
func printLine(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintln(w, source.Printable(fmt.Sprintf(format, args...)))
	return err
}

// sayLine writes a line of progress, in the same way.
func sayLine(w io.Writer, text string) { _ = printLine(w, "%s", text) }

// sayTo writes lines of progress, in which the server's words can't move the
// cursor.
func sayTo(w io.Writer) func(string, ...any) {
	return func(format string, args ...any) {
		sayLine(w, fmt.Sprintf(format, args...))
	}
}

// printMasked writes objects of a release, without the values of Secrets.
func printMasked(streams genericiooptions.IOStreams, objects []*unstructured.Unstructured) error {
	var all []map[string]any
	for _, o := range objects {
		if redact.IsSecret(o) {
			redact.MaskSecret(o)
			warn(streams.ErrOut, "%s: the values of the Secret are masked", o.GetName())
		}
		all = append(all, o.Object)
	}
	return printManifests(streams.Out, all)
}
