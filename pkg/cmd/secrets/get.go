package secrets

import (
	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
)

func newGet(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &listOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:   "get NAME...",
		Short: "Show the types, keys and users of single secrets, never their values",
		Long: heredoc.Doc(`
			Show the types, keys and users of single secrets, never their values.

			For the values themselves there is 'kubectl get secret NAME -o yaml'.`),
		Example: cmdutil.Examples(`
			kubectl blueprint secrets get hf-secret`),
		Args:              cmdutil.Args(1, 0),
		ValidArgsFunction: completeSecrets(getter, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, names []string) error {
			o.names = names
			return o.run(cmd.Context())
		},
	}
	o.output = cmdutil.NewListOutput(cmd)
	return cmd
}
