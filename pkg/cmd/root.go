// Package cmd is the command tree. A command file defines one command: it parses
// flags, makes one call to a package that does the work, and prints the result. Data
// goes to stdout, everything else to stderr. Each Run builds the tree again, so no
// state is left between runs.
package cmd

import (
	"context"
	"errors"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // cloud logins

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	_ "github.com/kubectl-blueprint/kubectl-blueprint/pkg/english" // of kubectl
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// exitInterrupted is the shell's exit code for a process that Ctrl-C ended.
const exitInterrupted = 130

// Run executes a command line without the program's name and returns the exit code:
// 0 if it succeeded, 1 if anything failed, and 130 if ctx ended first. diff has
// kubectl's exit codes: 1 if there are differences, 2 if anything failed.
func Run(ctx context.Context, args []string, streams genericiooptions.IOStreams) int {
	colors := color.Auto
	streams.Out = &color.Writer{Writer: streams.Out, Mode: &colors}
	streams.ErrOut = &color.Writer{Writer: streams.ErrOut, Mode: &colors}
	root, flags := newRoot(ctx, &colors, streams)
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDifferent):
		return 1
	case errors.Is(err, errWatchEnded):
		return exitInterrupted
	case errors.Is(err, printer.ErrReported):
		return 1
	}
	printer.PrintError(streams.ErrOut, err, kube.Flags(flags))
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case cmd.Name() == diffName:
		return 2
	}
	return 1
}

// Root returns the command tree, for documentation that is generated from it.
func Root() *cobra.Command {
	root, _ := newRoot(context.Background(), new(color.Mode), genericiooptions.NewTestIOStreamsDiscard())
	return root
}

func newRoot(ctx context.Context, colors *color.Mode, streams genericiooptions.IOStreams) (*cobra.Command, *genericclioptions.ConfigFlags) {
	root := &cobra.Command{
		Use:   "kubectl-blueprint",
		Short: "Deploy AI workloads and their secrets to Kubernetes",
		Long: heredoc.Doc(`
			Deploy AI workloads and their secrets to Kubernetes from JSON or YAML files.

			A secrets payload creates, updates and deletes Secrets in one batch. A recipe
			becomes a Deployment or a Job, installed as a Helm release. Nothing has to be
			installed in the cluster.`),
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       pluginVersion(),
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl blueprint"},
		Args:          cmdutil.NoSubcommand,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return colors.Validate()
		},
		RunE: cmdutil.ShowHelp,
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.ErrOut)

	flags := kube.NewConfigFlags(ctx, printer.Warner(streams.ErrOut))
	flags.AddFlags(root.PersistentFlags())
	root.PersistentFlags().AddGoFlag(kube.VerbosityFlag())
	root.PersistentFlags().StringVar((*string)(colors), "color", string(color.Auto), `Must be "auto", "always" or "never". If auto, color the output on terminals, unless NO_COLOR is set.`)
	cmdutil.CompleteFlag(root, "color", color.Modes()...)
	complete.ClusterFlags(root, flags)

	root.AddGroup(&cobra.Group{ID: secretsGroup, Title: "Secrets:"}, &cobra.Group{ID: recipesGroup, Title: "Recipes:"})
	secretsCmd := secrets.New(flags, streams)
	secretsCmd.GroupID = secretsGroup
	root.AddCommand(
		secretsCmd, newServe(flags, streams),
		newInit(streams), newValidate(flags, streams), newRender(flags, streams), newDiff(flags, streams), newDeploy(flags, streams), newStatus(flags, streams), newLogs(flags, streams), newAsk(flags, streams), newList(flags, streams), newHistory(flags, streams), newRollback(flags, streams), newUndeploy(flags, streams),
		newExplain(streams), newSchema(streams),
		newCompletion(streams), newVersion(streams), newOptions(streams),
	)
	cmdutil.SetUsage(root)
	return root, flags
}

// The groups of commands in the root's help.
const (
	secretsGroup = "secrets"
	recipesGroup = "recipes"
)
