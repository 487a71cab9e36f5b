package cmd

import (
	"context"
	"errors"
	"strconv"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

type rollbackOptions struct {
	waitOptions
	name     string
	revision string // "" for the latest previous revision that worked
	dryRun   kcmdutil.DryRunStrategy

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newRollback(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &rollbackOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "rollback NAME [REVISION]",
		SuggestFor: []string{"undo", "revert"},
		GroupID:    recipesGroup,
		Short:      "Roll back a recipe to a previous revision",
		Long: heredoc.Doc(`
			Roll back a recipe to a previous revision, and wait until it is ready.

			REVISION defaults to the latest previous revision whose rollout succeeded;
			'kubectl blueprint history' lists the revisions. The rollback becomes a new
			revision. Prints a summary of the changes first. In an interactive terminal,
			asks for confirmation before restarting pods or deleting objects.

			Also recovers releases stuck in a pending state.`),
		Example: cmdutil.Examples(`
			# Undo the last deploy
			kubectl blueprint rollback nim

			# Print the manifests of a revision without rolling back
			kubectl blueprint rollback nim 3 --dry-run=client`),
		Args:              cmdutil.Args(1, 2),
		ValidArgsFunction: complete.Revisions(getter),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.name = args[0]
			if o.dryRun, err = kcmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			if len(args) == 2 {
				o.revision = args[1]
			}
			return o.run(cmd.Context())
		},
	}
	cmdutil.AddDryRunFlag(cmd)
	o.addWaitFlags(cmd)
	return cmd
}

func (o *rollbackOptions) run(ctx context.Context) error {
	if err := o.validateTimeouts(); err != nil {
		return err
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
	revision := 0
	if o.revision != "" {
		if revision, err = strconv.Atoi(o.revision); err != nil || revision < 1 {
			return hint.Run(errors.New("REVISION must be a positive integer"), "list the revisions", hint.Blueprint("history", "-n", c.Namespace, name))
		}
	}
	target, err := releases.Target(name, revision)
	if err != nil {
		return err
	}
	if o.dryRun == kcmdutil.DryRunClient {
		return printer.PrintMasked(o.streams, target.Objects())
	}
	d := &deploy.Deployer{Cluster: c, Log: printer.Reporter(o.streams.ErrOut)}
	r, err := d.PrepareRollback(ctx, releases, target)
	if err != nil {
		return err
	}
	disruptive := !r.InSync() && printSummary(o.streams.ErrOut, r.Diff())
	if o.dryRun == kcmdutil.DryRunServer {
		return printer.PrintMasked(o.streams, target.Objects())
	}
	if disruptive && !o.yes {
		if err := confirm(ctx, o.streams); err != nil {
			return err
		}
	}
	view := progress.New(o.streams, "")
	d.Log = printer.Reporter(view.Streams().ErrOut)
	now, err := r.Run(ctx, deploy.InstallOptions{
		Wait: o.wait, Timeout: o.timeout, NoProgressTimeout: o.noProgress, Printer: view,
		Confirmed: func(now diff.Release) bool { return confirmed(o.streams, o.yes, now) },
	})
	view.Close()
	if err != nil {
		return err
	}
	return printer.PrintLine(o.streams.Out, "%s rolled back to revision %d", now.Name, target.Revision)
}
