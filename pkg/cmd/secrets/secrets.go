// Package secrets contains the secrets commands: apply, list, get and verify. Each parses
// its flags, calls pkg/secrets or pkg/secretrefs, and prints the result. It exports the
// parts of apply that deploy needs: reading a payload, protecting Secrets in use, and the
// report.
package secrets

import (
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
)

// New returns the secrets command.
func New(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "secrets",
		Aliases: []string{"secret"},
		Short:   "Manage secrets in batches",
		Args:    cmdutil.NoSubcommand,
		RunE:    cmdutil.ShowHelp,
	}
	cmd.AddCommand(newApply(getter, streams), newList(getter, streams), newGet(getter, streams),
		newVerify(getter, streams))
	return cmd
}
