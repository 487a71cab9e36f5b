package cmd

import (
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

// sayTo writes lines of progress, in which the server's words can't move the
// cursor.
func sayTo(w io.Writer) func(string, ...any) {
	return func(format string, args ...any) {
		sayLine(w, fmt.Sprintf(format, args...))
	}
}

func isSecret(o *unstructured.Unstructured) bool { return o.GetKind() == "Secret" }

// printMasked writes objects of a release, without the values of Secrets.
func printMasked(streams genericiooptions.IOStreams, objects []*unstructured.Unstructured) error {
	var all []map[string]any
	for _, o := range objects {
		if isSecret(o) {
			for _, field := range []string{"data", "stringData"} {
				values, _, _ := unstructured.NestedMap(o.Object, field)
				for key := range values {
					values[key] = "***" // no base64: the server refuses it instead of storing it
				}
				if len(values) > 0 {
					o.Object[field] = values
				}
			}
			warn(streams.ErrOut, "%s: the values of the Secret are masked", o.GetName())
		}
		all = append(all, o.Object)
	}
	return printManifests(streams.Out, all)
}
