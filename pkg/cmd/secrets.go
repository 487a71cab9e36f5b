package cmd

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
)

func newSecrets(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "secrets",
		Aliases: []string{"secret"},
		GroupID: secretsGroup,
		Short:   "Apply a batch of secrets, and look at what is there",
		Args:    cmdutil.NoSubcommand,
		RunE:    cmdutil.ShowHelp,
	}
	cmd.AddCommand(newSecretsApply(getter, streams), newSecretsList(getter, streams), newSecretsGet(getter, streams),
		newSecretsVerify(getter, streams))
	return cmd
}
