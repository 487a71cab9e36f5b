package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

type deployOptions struct {
	reviewOptions
	preflightMode preflightMode
	dryRun        cmdutil.DryRunStrategy
	yes           bool
	wait          bool
	timeout       time.Duration
}

func newDeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &deployOptions{reviewOptions: reviewOptions{getter: getter, streams: streams}}
	cmd := &cobra.Command{
		Use:     "deploy FILE",
		GroupID: recipesGroup,
		Short:   "Install or upgrade a recipe and watch it until it works",
		Long: heredoc.Doc(`
			Install or upgrade a recipe and watch it until it works.

			The recipe is rendered, every object is tried with the server's dry run,
			the secrets and images that its pods need are looked for, and only then is
			anything written: one Helm release, named as the workload, that 'helm list'
			and 'helm history' see too. FILE may be JSON or YAML, a recipe, a group or a
			catalogue; a dash reads standard input. The members of a group are installed
			in the order of their dependencies, each once those it needs are ready.

			What changes is told first. On a terminal you are asked before pods are
			restarted or something is removed, and nowhere else: a pipeline has said
			what it wants. What is as the recipe has it already gets no new revision.`),
		Example: examples(`
			# Review what would be sent
			kubectl blueprint deploy nim.json --dry-run=client

			# Ask the server whether it would take it, and look for what is missing
			kubectl blueprint deploy nim.json --dry-run=server

			# Deploy, and watch for up to half an hour
			kubectl blueprint deploy nim.json --timeout=30m`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.file = args[0]
			if o.dryRun, err = cmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	o.preflightMode.addFlag(cmd)
	cmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client, only print the manifests; if server, have the server try them, too, and write nothing.`
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "If true, don't ask on a terminal before anything is restarted or removed.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, watch until every workload is ready.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 10*time.Minute, "The length of time to watch before giving up.")
	return cmd
}

func (o *deployOptions) run(ctx context.Context) error {
	if err := o.preflightMode.validate(); err != nil {
		return err
	}
	if o.timeout <= 0 {
		return errors.New("--timeout: want a time above 0; not to watch at all, --wait=false")
	}
	b, err := loadBlueprint()
	if err != nil {
		return err
	}
	levels, err := o.levels(b)
	if err != nil {
		return err
	}
	all := slices.Concat(levels...)
	if o.dryRun == cmdutil.DryRunClient {
		return o.print(all)
	}
	c, releases, err := o.inspect(ctx, all)
	if err != nil {
		return err
	}
	if err := o.preflight(ctx, c, all); err != nil {
		return err
	}
	if o.dryRun == cmdutil.DryRunServer {
		o.tellOutcomes(all)
		return o.print(all)
	}
	if err := o.confirm(ctx, all); err != nil {
		return err
	}
	for _, level := range levels {
		if err := o.deploy(ctx, b, c, releases, level); err != nil {
			return err
		}
	}
	return nil
}

// deploy installs the recipes of one level, and waits for them: those of the
// next one need them.
func (o *deployOptions) deploy(ctx context.Context, b *blueprint, c *cluster, releases *release.Client, level []*workload) error {
	for _, w := range level {
		if w.stays() {
			o.say("release %s, revision %d: unchanged in namespace %s", w.name(), w.existing.Revision, w.existing.Namespace)
			continue
		}
		r, err := releases.Deploy(ctx, b.chart.Helm(), w.name(), w.values)
		if err != nil {
			return err
		}
		o.say("release %s, revision %d: installed in namespace %s", r.Name, r.Revision, r.Namespace)
	}
	for _, w := range level {
		if o.wait {
			if err := o.watch(ctx, c, w); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(o.streams.Out, "%s deployed\n", w.name()); err != nil {
			return err
		}
	}
	return nil
}

// print shows the manifests, without what recipes have of credentials.
func (o *deployOptions) print(all []*workload) error {
	for _, w := range all {
		if _, err := o.streams.Out.Write(masked(w.file, w.manifests, o.streams.ErrOut).YAML()); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what would take over another recipe's release, and asks the
// server about every object.
func (o *reviewOptions) check(ctx context.Context, c *cluster, releases *release.Client, w *workload) error {
	target := preflight.Release{Name: w.name(), Namespace: c.namespace, Objects: w.objects}
	existing, err := releases.Get(w.name())
	switch {
	case errors.Is(err, release.ErrNotFound):
	case err != nil:
		return err
	default:
		if err := o.replaceable(existing, w); err != nil {
			return err
		}
		target.Previous, w.existing = existing.Objects(), existing
	}
	w.outcomes, err = preflight.DryRun(ctx, c.dynamic, c.mapper, target)
	return err
}

// replaceable refuses to upgrade what another chart or another recipe made.
func (o *reviewOptions) replaceable(existing *release.Release, w *workload) error {
	if err := existing.MadeBy(chartName); err != nil {
		return err
	}
	if err := existing.Upgradable(); err != nil {
		return err
	}
	if holder := deploymentName(existing.Objects()); holder != w.deploymentName() {
		return fmt.Errorf("%s: deployment_name %q becomes %s, a name that %q already has in namespace %s: choose another deployment_name",
			o.file, w.deploymentName(), w.name(), holder, existing.Namespace)
	}
	return nil
}

func (o *deployOptions) watch(ctx context.Context, c *cluster, w *workload) error {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	return rollout.Watch(ctx, c.dynamic, c.mapper, rollout.Target{
		Namespace: c.namespace,
		Selector:  render.InstanceLabel + "=" + w.name(),
		Objects:   w.objects,
	}, func(line string) { o.say("%s", line) })
}

// say writes a line of progress, in which the server's words can't move the
// cursor.
func (o *reviewOptions) say(format string, args ...any) {
	_, _ = fmt.Fprintln(o.streams.ErrOut, source.Printable(fmt.Sprintf(format, args...)))
}
