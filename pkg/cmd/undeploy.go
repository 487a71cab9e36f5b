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
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

type undeployOptions struct {
	recipeOptions
	target  string
	dryRun  kcmdutil.DryRunStrategy
	volumes bool
	yes     bool
	wait    bool
	timeout time.Duration

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newUndeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &undeployOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "undeploy NAME|FILE",
		GroupID: recipesGroup,
		Short:   "Remove a deployed recipe and its objects",
		Long: heredoc.Doc(`
			Remove a deployed recipe and its objects, and wait until its pods are gone.

			NAME is the name that 'kubectl blueprint list' shows, or the recipe's
			deployment_name. FILE is the recipe itself, ending in .json, .yaml or
			.yml, a directory of recipes, with a slash in its name, or a dash for standard
			input; a group is removed in the reverse of the order in which it was deployed.

			Secrets stay, and so do volumes that the recipe says to retain:
			--delete-volumes removes these, too, even of a recipe that was undeployed
			before. On a terminal you are asked before that, as what is on them can't be
			brought back. An undeploy that was cut off is run again.`),
		Example: cmdutil.Examples(`
			# By name
			kubectl blueprint undeploy recipe-nim

			# By recipe
			kubectl blueprint undeploy nim.json

			# With its data
			kubectl blueprint undeploy recipe-nim --delete-volumes`),
		Args:              cmdutil.Args(1, 1),
		ValidArgsFunction: completeReleases(getter, cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.target = args[0]
			if o.dryRun, err = kcmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	kcmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client or server, have the server try it, say what would be removed, and remove nothing.`
	cmd.Flags().BoolVar(&o.volumes, "delete-volumes", false, "If true, remove the volumes that the recipe says to retain, and what is on them.")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "If true, don't ask on a terminal before volumes are removed.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, wait until all objects and their pods are gone.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 5*time.Minute, "The length of time to wait before giving up.")
	return cmd
}

func (o *undeployOptions) run(ctx context.Context) error {
	if o.timeout <= 0 {
		return errors.New("--timeout: want a time above 0; not to wait at all, --wait=false")
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, namespace)
	if err != nil {
		return err
	}
	releases.Log = cmdutil.Reporter(o.streams.ErrOut)
	found, err := deploy.FindDeployed(ctx, releases, namespace, o.target, o.reader(o.target, namespace, o.streams))
	notDeployed := errors.As(err, new(deploy.NotDeployedError)) && o.volumes // there may be volumes left
	if err != nil && !notDeployed {
		return err
	}
	if err := o.confirm(ctx, releases, found); err != nil {
		return err
	}
	return deploy.Undeploy(ctx, releases, found, err, deploy.UndeployOptions{
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

// printRemoved prints what was removed and what is kept.
func (o *undeployOptions) printRemoved(what string, removed release.UninstallResult) error {
	say, suffix := cmdutil.Reporter(o.streams.ErrOut), ""
	if o.dryRun != kcmdutil.DryRunNone {
		suffix = " (dry run)"
		for _, name := range removed.Deleted {
			say("%s: would be removed", name)
		}
	}
	for _, name := range removed.Kept {
		hint := ""
		if strings.HasPrefix(name, "persistentvolumeclaim/") {
			hint = ": undeploy again with --delete-volumes to remove it"
		}
		say("kept: %s%s", name, hint)
	}
	return cmdutil.PrintLine(o.streams.Out, "%s undeployed%s", what, suffix)
}

func (o *undeployOptions) printVolumeRemoved(id string) error {
	if o.dryRun != kcmdutil.DryRunNone {
		cmdutil.Reporter(o.streams.ErrOut)("%s: would be removed", id)
		return nil
	}
	return cmdutil.PrintLine(o.streams.Out, "%s removed", id)
}

// confirm names the volumes that will be removed, and asks if there is somebody to
// ask.
func (o *undeployOptions) confirm(ctx context.Context, releases *release.Client, found []deploy.Deployed) error {
	if !o.volumes || o.dryRun != kcmdutil.DryRunNone || o.yes || o.target == "-" || !input.IsTerminal(o.streams.In) {
		return nil
	}
	volumes, err := deploy.LeftVolumes(ctx, releases, found)
	if err != nil || len(volumes) == 0 {
		return err
	}
	for _, v := range volumes {
		cmdutil.Reporter(o.streams.ErrOut)("%s: is removed, with what is on it", v.ID())
	}
	return confirm(ctx, o.streams)
}
