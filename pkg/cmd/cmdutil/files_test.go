package cmdutil_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
)

func TestFileOptions(t *testing.T) {
	t.Parallel()
	var o cmdutil.FileOptions
	cmd := &cobra.Command{Use: "deploy FILE..."}
	o.AddFlags(cmd, "with recipes.")
	if err := o.Args(cmd, nil); err == nil || !strings.HasPrefix(err.Error(), "requires at least 1 file") {
		t.Errorf("got %v", err)
	}
	if err := cmd.ParseFlags([]string{"-f", "a.json,b.json", "-f", "-", "-R"}); err != nil {
		t.Fatal(err)
	}
	o.Complete([]string{"c.json"})
	if err := o.Args(cmd, nil); err != nil || !o.Stdin() || !o.Recursive || !slices.Equal(o.Names, []string{"a.json", "b.json", "-", "c.json"}) {
		t.Errorf("%v, got %+v", err, o)
	}
}
