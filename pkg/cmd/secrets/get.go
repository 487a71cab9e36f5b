package secrets

import (
	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

func newGet(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &listOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:   "get NAME...",
		Short: "Show types, keys and consumers of Secrets",
		Long: heredoc.Doc(`
			Show types, keys and consumers of Secrets.

			Never prints values. To see the values, use 'kubectl get secret NAME -o yaml'.`),
		Example: cmdutil.Examples(`
			# Show the keys and the consumers of a Secret
			kubectl blueprint secrets get hf-secret

			# Print two Secrets as JSON
			kubectl blueprint secrets get hf-secret ngc-secret -o json`),
		Args:              cmdutil.Args(1, 0),
		ValidArgsFunction: completeSecrets(getter, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, names []string) error {
			o.names = names
			return o.run(cmd.Context())
		},
	}
	o.output = printer.NewListOutput(cmd)
	return cmd
}
