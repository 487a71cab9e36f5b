package cmd

import (
	"fmt"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

func newCompletion(streams genericiooptions.IOStreams) *cobra.Command {
	var install bool
	var dir string
	cmd := &cobra.Command{
		Use:   "completion kubectl",
		Short: "Print or install the script for shell completion",
		Long: heredoc.Doc(`
			Print the script with which kubectl completes the commands of this plugin.

			kubectl 1.26 or later runs the script if it is on your PATH. Your shell must
			already complete kubectl's own commands; see 'kubectl completion --help'.`),
		Example: cmdutil.Examples(`
			# Install the script next to the plugin
			kubectl blueprint completion kubectl --install`),
		Args:      cobra.MatchAll(cmdutil.Args(1, 1), cobra.OnlyValidArgs),
		ValidArgs: []string{"kubectl"},
		RunE: func(*cobra.Command, []string) error {
			if !install && dir == "" {
				_, err := streams.Out.Write(complete.Script())
				return err
			}
			result, err := complete.InstallScript(dir, printer.Warner(streams.ErrOut))
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(streams.Out, result)
			return err
		},
	}
	cmd.Flags().BoolVar(&install, "install", false, "Install the script instead of printing it.")
	cmd.Flags().StringVar(&dir, "dir", "", "Directory on your PATH to install to, instead of that of the plugin. Implies --install.")
	cmdutil.CompleteFlagFunc(cmd, "dir", cmdutil.CompleteDirectories)
	return cmd
}
