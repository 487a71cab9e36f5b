// Package printer prints lines, tables, lists of objects, warnings and errors as kubectl
// does, and owns the -o flag. Foreign text that it prints cannot act on a terminal or
// begin a line. It decides the form of the output, never its content.
package printer

import (
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// PrintLine writes a line of output. Foreign text in it can neither act on a
// terminal nor start another line.
func PrintLine(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintln(w, colorPrefix(w, source.Printable(fmt.Sprintf(format, args...))))
	return err
}

// colorPrefix colors the first word of a line that says what kind of line it is.
func colorPrefix(w io.Writer, line string) string {
	for _, p := range []struct {
		prefix string
		code   color.Code
	}{{"error: ", color.Red}, {"Warning: ", color.Yellow}, {"hint: ", color.Cyan}} {
		if rest, found := strings.CutPrefix(line, p.prefix); found {
			return color.Text(w, p.code, strings.TrimSpace(p.prefix)) + " " + rest
		}
	}
	return line
}

// Report writes a line of progress like PrintLine. It ignores errors of w.
func Report(w io.Writer, format string, args ...any) { _ = PrintLine(w, format, args...) }

// Reporter returns a function that writes lines of progress to w.
func Reporter(w io.Writer) func(string, ...any) {
	return func(format string, args ...any) { Report(w, format, args...) }
}

// Warn writes a warning to w in kubectl's form.
func Warn(w io.Writer, format string, args ...any) { Report(w, "Warning: "+format, args...) }

// Warner returns a function that writes warnings to w.
func Warner(w io.Writer) func(string, ...any) {
	return func(format string, args ...any) { Warn(w, format, args...) }
}

// PrintWarnings writes a warning for each error with its hint. For a file with very
// many, it writes the first ones only.
func PrintWarnings(w io.Writer, faults source.Errors) {
	if faults.Sorted() == nil {
		return
	}
	for _, paragraph := range faults.Paragraphs() {
		for i, line := range paragraph {
			if i == 0 {
				line = "Warning: " + line
			}
			Report(w, "%s", line)
		}
	}
}

// PrintMasked writes objects of a release, without the values of Secrets.
func PrintMasked(streams genericiooptions.IOStreams, objects []*unstructured.Unstructured) error {
	var all []map[string]any
	for _, o := range objects {
		if redact.IsSecret(o) {
			redact.MaskSecret(o)
			Warn(streams.ErrOut, "%s: the values of the Secret are masked", o.GetName())
		}
		all = append(all, o.Object)
	}
	return PrintManifests(streams.Out, all)
}
