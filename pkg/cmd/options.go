package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
)

// newOptions prints the flags that the other commands' help leaves out.
func newOptions(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:   "options",
		Short: "Print the flags that every command has",
		Args:  cmdutil.Args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(streams.Out, "These flags can be passed to any command:\n\n%s\n", cmdutil.FlagUsages(c.Root().PersistentFlags()))
			return err
		},
	}
}
