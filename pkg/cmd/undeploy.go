package cmd

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

type undeployOptions struct {
	targetOptions
	dryRun    kcmdutil.DryRunStrategy
	volumes   bool
	yes       bool
	wait      bool
	timeout   time.Duration
	namespace string

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newUndeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &undeployOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "undeploy (NAME | FILE)...",
		Aliases:    []string{"uninstall", "delete", "rm"},
		SuggestFor: []string{"remove", "destroy", "down"},
		GroupID:    recipesGroup,
		Short:      "Remove a deployed recipe",
		Long: heredoc.Doc(`
			Remove a deployed recipe and wait until its objects are deleted.

			NAME is a name from 'kubectl blueprint list' or the deployment_name of a recipe;
			FILE is a recipe. The members of a group are removed in the reverse order of
			their deployment.

			Keeps Secrets, and volumes that the recipe retains. --delete-volumes deletes
			these volumes, including those left by an earlier undeploy. In an interactive
			terminal, it asks for confirmation first, because the data cannot be recovered.
			Safe to run again after an interruption.`),
		Example: cmdutil.Examples(`
			# Remove a recipe by name
			kubectl blueprint undeploy nim

			# Remove all recipes in a file
			kubectl blueprint undeploy -f group.yaml

			# Remove a recipe and its data
			kubectl blueprint undeploy nim --delete-volumes`),
		Args:              o.validateArgs,
		ValidArgsFunction: complete.Releases(getter, 0, true),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.complete(args)
			if o.dryRun, err = kcmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	cmdutil.AddDryRunFlag(cmd)
	cmd.Flags().BoolVar(&o.volumes, "delete-volumes", false, "Delete the volumes that the recipe retains, and their data.")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "Skip the confirmation prompt.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, wait for resources to be gone before returning. This waits for finalizers.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 5*time.Minute, "Maximum time to wait.")
	cmdutil.CompleteFlagFunc(cmd, "timeout", cmdutil.CompleteNothing)
	return cmd
}

func (o *undeployOptions) run(ctx context.Context) error {
	if o.timeout <= 0 {
		return hint.Text(errors.New("--timeout must be positive"), "use --wait=false to return immediately")
	}
	var err error
	if o.namespace, err = kube.Namespace(o.getter); err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, o.namespace)
	if err != nil {
		return err
	}
	releases.Log = printer.Reporter(o.streams.ErrOut)
	found, missing := o.find(ctx, releases, o.namespace, o.streams)
	if missing != nil && !errors.As(missing, new(deploy.NotDeployedError)) {
		return missing
	}
	if err := o.confirm(ctx, releases, found); err != nil {
		return err
	}
	return deploy.Undeploy(ctx, releases, found, missing, deploy.UndeployOptions{
		UninstallOptions: o.uninstallOptions(), Removed: o.printRemoved, VolumeRemoved: o.printVolumeRemoved,
	})
}

func (o *undeployOptions) uninstallOptions() release.UninstallOptions {
	how := release.UninstallOptions{Volumes: o.volumes, DryRun: o.dryRun != kcmdutil.DryRunNone}
	if o.wait {
		how.Timeout = o.timeout
	}
	return how
}

// printRemoved prints what was deleted and what is kept.
func (o *undeployOptions) printRemoved(name string, removed release.UninstallResult) error {
	suffix := o.dryRunSuffix()
	if suffix != "" {
		for _, id := range removed.Deleted {
			printer.Report(o.streams.ErrOut, "%s: deleted%s", id, suffix)
		}
	}
	volumes := false
	for _, id := range removed.Kept {
		printer.Report(o.streams.ErrOut, "%s: kept", id)
		volumes = volumes || strings.HasPrefix(id, "persistentvolumeclaim/")
	}
	if volumes {
		printer.PrintHint(o.streams.ErrOut, hint.Hint{
			Text:    "delete the volumes and their data",
			Command: hint.Blueprint("undeploy").With(kube.Flags(o.getter)...).With("-n", o.namespace, name, "--delete-volumes"),
		})
	}
	return printer.PrintLine(o.streams.Out, "%s undeployed%s", name, suffix)
}

func (o *undeployOptions) printVolumeRemoved(id string) error {
	return printer.PrintLine(o.streams.Out, "%s deleted%s", id, o.dryRunSuffix())
}

// dryRunSuffix returns kubectl's mark of a dry run, or "".
func (o *undeployOptions) dryRunSuffix() string {
	switch o.dryRun {
	case kcmdutil.DryRunClient:
		return " (dry run)"
	case kcmdutil.DryRunServer:
		return " (server dry run)"
	}
	return ""
}

// confirm names the volumes that will be removed, and asks for confirmation on a
// terminal.
func (o *undeployOptions) confirm(ctx context.Context, releases *release.Client, found []deploy.Deployed) error {
	if !o.volumes || o.dryRun != kcmdutil.DryRunNone || o.yes || o.Stdin() || !color.IsTerminal(o.streams.In) {
		return nil
	}
	volumes, err := deploy.LeftVolumes(ctx, releases, found)
	if err != nil || len(volumes) == 0 {
		return err
	}
	for _, v := range volumes {
		printer.Report(o.streams.ErrOut, "%s and its data will be deleted", v.ID())
	}
	return confirm(ctx, o.streams)
}
