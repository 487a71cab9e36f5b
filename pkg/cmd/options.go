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
		Use: "options",
		Example: cmdutil.Examples(`
			# Print flags inherited by all commands
			kubectl blueprint options`),
		ValidArgsFunction: cmdutil.CompleteNothing,
		Short:             "Print the list of flags inherited by all commands",
		Args:              cmdutil.Args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(streams.Out, "The following options can be passed to any command:\n\n%s\n", cmdutil.FlagUsages(c.Root().PersistentFlags()))
			return err
		},
	}
}
