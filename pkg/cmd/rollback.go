package cmd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type rollbackOptions struct {
	name     string
	revision int
	dryRun   cmdutil.DryRunStrategy
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
			works. The result is a new revision that has what the earlier one had.

			NAME is the name that 'kubectl blueprint list' shows, or the recipe's
			deployment_name. Without a REVISION it is the newest one before the last that
			was deployed; 'kubectl blueprint history' lists them. It is a way out, too,
			of a release that a killed helm has left pending.`),
		Example: examples(`
			# Undo the last deploy
			kubectl blueprint rollback recipe-nim

			# See what a revision was
			kubectl blueprint rollback recipe-nim 3 --dry-run=client`),
		Args:              operands(1, 2),
		ValidArgsFunction: completeReleases(getter, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.name = args[0]
			if o.dryRun, err = cmdutil.GetDryRunStrategy(cmd); err != nil {
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
	cmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client, only print the manifests; if server, have the server try them, too, and write nothing.`
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, watch until every workload is ready.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 0, "The length of time to watch before giving up. Without it, scheduling, image pulls and starts each have a time of their own.")
	return cmd
}

func (o *rollbackOptions) run(ctx context.Context) error {
	if o.timeout < 0 {
		return errors.New("--timeout: want a time; not to watch at all, --wait=false")
	}
	c, err := connect(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, c.namespace)
	if err != nil {
		return err
	}
	name, err := releaseNamed(releases, c.namespace, o.name)
	if err != nil {
		return err
	}
	target, err := releases.Target(name, o.revision)
	if err != nil {
		return err
	}
	if err := o.check(ctx, c, releases, target); err != nil || o.dryRun != cmdutil.DryRunNone {
		return err
	}
	releases.Say = sayTo(o.streams.ErrOut)
	releases.Hide = func(text string) string { return secrets.Hide(text, target.Objects()...) }
	now, err := releases.Rollback(ctx, name, target.Revision)
	if err != nil {
		return err
	}
	releases.Say("release %s, revision %d: has what revision %d had", now.Name, now.Revision, target.Revision)
	if o.wait {
		if err := o.watch(ctx, c, now); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(o.streams.Out, "%s rolled back to revision %d\n", now.Name, target.Revision)
	return err
}

func (o *rollbackOptions) watch(ctx context.Context, c *cluster, now *release.Release) error {
	p := newProgress(c, o.streams, "")
	defer p.close()
	if o.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	return p.watch(ctx, &workload{objects: now.Objects()})
}

// check has the server try the objects of an earlier revision, and prints them
// for a dry run.
func (o *rollbackOptions) check(ctx context.Context, c *cluster, releases *release.Client, target *release.Release) error {
	if o.dryRun != cmdutil.DryRunClient {
		last, err := releases.Get(target.Name)
		if err != nil {
			return err
		}
		wanted := preflight.Release{Name: target.Name, Namespace: c.namespace, Previous: last.Sent(), Objects: target.Objects()}
		if _, err := preflight.DryRun(ctx, c.dynamic, c.mapper, wanted); err != nil {
			return fmt.Errorf("nothing was written: the server refuses revision %d: %w", target.Revision, err)
		}
	}
	if o.dryRun == cmdutil.DryRunNone {
		return nil
	}
	return printMasked(o.streams, target.Objects())
}
