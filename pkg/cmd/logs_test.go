package cmd

import (
	"bytes"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
)

// TestLinePrinter colors the prefix by pod and leaves no control character of the log.
func TestLinePrinter(t *testing.T) {
	t.Parallel()
	lines := []deploy.LogLine{{Pod: "a", Container: "init", Text: "one"}, {Pod: "b", Container: "main", Text: "t\x1b[2Jwo"}, {Pod: "a", Container: "main", Text: "three"}}
	for mode, want := range map[color.Mode]string{
		color.Never:  "[pod/a/init] one\n[pod/b/main] t\\x1b[2Jwo\n[pod/a/main] three\n",
		color.Always: "\x1b[36m[pod/a/init]\x1b[0m one\n\x1b[32m[pod/b/main]\x1b[0m t\\x1b[2Jwo\n\x1b[36m[pod/a/main]\x1b[0m three\n",
	} {
		var out bytes.Buffer
		printLine := linePrinter(&color.Writer{Writer: &out, Mode: &mode})
		for _, l := range lines {
			if err := printLine(l); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != want {
			t.Errorf("%s: got %q, want %q", mode, out.String(), want)
		}
	}
}
