// Package cmd is the command tree: each command turns flags into a call of one
// of the other packages and prints what comes back. Data goes to stdout,
// everything else to stderr.
//
// One file holds one command. The tree is built anew by each Run, so nothing
// has to be reset between runs.
package cmd

import (
	"context"
	"errors"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // the clouds' logins

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	secretscmd "github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

// Run executes one command line, without the program's name, and returns the
// exit code: 0 if all went well, 1 if anything failed. That of diff is kubectl's:
// 1 if there are differences, 2 if anything failed.
func Run(ctx context.Context, args []string, streams genericiooptions.IOStreams) int {
	root, flags := newRoot(ctx, streams)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDifferent):
		return 1
	}
	cmdutil.PrintError(streams.ErrOut, err, kube.Flags(flags))
	if cmd.Name() == diffName {
		return 2
	}
	return 1
}

func newRoot(ctx context.Context, streams genericiooptions.IOStreams) (*cobra.Command, *genericclioptions.ConfigFlags) {
	root := &cobra.Command{
		Use:   "kubectl-blueprint",
		Short: "Deploy AI workloads and their secrets from JSON files",
		Long: heredoc.Doc(`
			Deploy AI workloads and their secrets from JSON files.

			A secrets payload creates, updates and deletes Secrets in one batch. A recipe
			becomes a Deployment or a Job, reviewed as manifests or installed as a Helm
			release. Nothing but your kubeconfig is needed.`),
		SilenceErrors: true,
		SilenceUsage:  true,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl blueprint"},
		Args:          cmdutil.NoSubcommand,
		RunE:          cmdutil.ShowHelp,
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.ErrOut)
	root.CompletionOptions.HiddenDefaultCmd = true

	flags := kube.NewConfigFlags(ctx, cmdutil.Warner(streams.ErrOut))
	flags.AddFlags(root.PersistentFlags())
	root.PersistentFlags().AddGoFlag(kube.VerbosityFlag())

	root.AddGroup(&cobra.Group{ID: secretsGroup, Title: "Secrets:"}, &cobra.Group{ID: recipesGroup, Title: "Recipes:"})
	secrets := secretscmd.New(flags, streams)
	secrets.GroupID = secretsGroup
	root.AddCommand(
		secrets, newServe(flags, streams),
		newValidate(flags, streams), newRender(flags, streams), newDiff(flags, streams), newDeploy(flags, streams), newList(flags, streams), newStatus(flags, streams), newHistory(flags, streams), newRollback(flags, streams), newUndeploy(flags, streams),
		newInit(streams), newExplain(streams), newSchema(streams),
		newVersion(streams), newOptions(streams),
	)
	cmdutil.SetUsage(root)
	return root, flags
}

// The groups of commands in the root's help.
const (
	secretsGroup = "secrets"
	recipesGroup = "recipes"
)
