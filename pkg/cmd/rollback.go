package cmd

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

type rollbackOptions struct {
	name     string
	revision int
	dryRun   kcmdutil.DryRunStrategy
	yes      bool
	wait     bool
	timeout  time.Duration

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newRollback(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &rollbackOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "rollback NAME [REVISION]",
		GroupID: recipesGroup,
		Short:   "Go back to an earlier revision of a deployed recipe",
		Long: heredoc.Doc(`
			Go back to an earlier revision of a deployed recipe, and watch it until it
			works. The result is a new revision that has what the earlier one had. What
			changes is told first; on a terminal you are asked before pods are restarted or
			something is removed.

			NAME is the name that 'kubectl blueprint list' shows, or the recipe's
			deployment_name. Without a REVISION it is the newest one before the last that
			was deployed, without those that did not work when they were watched;
			'kubectl blueprint history' lists them. It is a way out, too, of a release
			that a killed helm has left pending.`),
		Example: cmdutil.Examples(`
			# Undo the last deploy
			kubectl blueprint rollback recipe-nim

			# See what a revision was
			kubectl blueprint rollback recipe-nim 3 --dry-run=client`),
		Args:              cmdutil.Args(1, 2),
		ValidArgsFunction: completeReleases(getter, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.name = args[0]
			if o.dryRun, err = kcmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			if len(args) == 2 {
				if o.revision, err = strconv.Atoi(args[1]); err != nil || o.revision < 1 {
					return errors.New("REVISION: want a number above 0, one of those that 'kubectl blueprint history' lists")
				}
			}
			return o.run(cmd.Context())
		},
	}
	kcmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client, only print the manifests; if server, have the server try them, too, and write nothing.`
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "If true, don't ask on a terminal before anything is restarted or removed.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, watch until every workload is ready.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 0, "The length of time to watch before giving up. Without it, scheduling, image pulls and starts each have a time of their own.")
	return cmd
}

func (o *rollbackOptions) run(ctx context.Context) error {
	if o.timeout < 0 {
		return errors.New("--timeout: want a time; not to watch at all, --wait=false")
	}
	c, err := kube.Connect(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, c.Namespace)
	if err != nil {
		return err
	}
	name, err := deploy.FindNamed(releases, c.Namespace, o.name)
	if err != nil {
		return err
	}
	target, err := releases.Target(name, o.revision)
	if err != nil {
		return err
	}
	if o.dryRun == kcmdutil.DryRunClient {
		return cmdutil.PrintMasked(o.streams, target.Objects())
	}
	d := &deploy.Deployer{Cluster: c, Log: cmdutil.Reporter(o.streams.ErrOut)}
	r, err := d.PrepareRollback(ctx, releases, target)
	if err != nil {
		return err
	}
	disruptive := !r.InSync() && printSummary(o.streams.ErrOut, r.Diff())
	if o.dryRun == kcmdutil.DryRunServer {
		return cmdutil.PrintMasked(o.streams, target.Objects())
	}
	if disruptive && !o.yes {
		if err := confirm(ctx, o.streams); err != nil {
			return err
		}
	}
	printer := progress.New(o.streams, "")
	d.Log = cmdutil.Reporter(printer.Streams().ErrOut)
	now, err := r.Run(ctx, deploy.InstallOptions{
		Wait: o.wait, Timeout: o.timeout, Printer: printer,
		Confirmed: func(now diff.Release) bool { return confirmed(o.streams, o.yes, now) },
	})
	printer.Close()
	if err != nil {
		return err
	}
	return cmdutil.PrintLine(o.streams.Out, "%s rolled back to revision %d", now.Name, target.Revision)
}
