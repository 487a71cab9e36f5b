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
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

type deployOptions struct {
	recipeOptions
	file          string
	preflightMode preflightMode
	dryRun        cmdutil.DryRunStrategy
	wait          bool
	timeout       time.Duration
	atomic        bool
	secretsFile   string

	secrets  deploySecrets
	versions versions

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newDeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &deployOptions{getter: getter, streams: streams}
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
			in the order of their dependencies, each once those it needs are ready.`),
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
	cmd.Flags().StringVar(&o.secretsFile, "secrets", "", "A payload of secrets to apply first, as 'secrets apply' does: a `FILE`, a directory, a URL, or a dash for standard input.")
	cmd.Flags().BoolVar(&o.atomic, "atomic", false, "If true, go back to the revision before, or remove what was installed, when a workload fails.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, watch until every workload is ready.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 10*time.Minute, "The length of time to watch before giving up.")
	return cmd
}

func (o *deployOptions) run(ctx context.Context) error {
	if err := o.preflightMode.validate(); err != nil {
		return err
	}
	if o.secretsFile == "-" && o.file == "-" {
		return errors.New("--secrets: standard input is the recipe already: name a file")
	}
	if o.atomic && !o.wait {
		return errors.New("--atomic: has to watch whether it works: leave out --wait=false")
	}
	if o.timeout <= 0 {
		return errors.New("--timeout: want a time above 0; not to watch at all, --wait=false")
	}
	b, err := loadBlueprint()
	if err != nil {
		return err
	}
	namespace, err := namespaceOf(o.getter)
	if err != nil {
		return err
	}
	r, err := o.read(b, []string{o.file}, namespace, o.streams.In, o.streams.ErrOut)
	if err != nil {
		return err
	}
	levels, err := r.workloads()
	if err != nil {
		return err
	}
	all := slices.Concat(levels...)
	if o.dryRun == cmdutil.DryRunClient {
		return o.print(all)
	}
	if err := o.secrets.read(ctx, o); err != nil {
		return err
	}
	c, err := connect(o.getter)
	if err != nil {
		return err
	}
	if err := o.secrets.check(ctx); err != nil {
		return err
	}
	if err := o.try(ctx, b, c, all); err != nil {
		return err
	}
	if o.dryRun == cmdutil.DryRunServer {
		return o.print(all)
	}
	if err := o.secrets.write(ctx); err != nil {
		return err
	}
	if o.versions.payload != nil { // now the server has given them their versions
		o.versions.payload = nil
		for _, w := range all {
			if err := o.versions.pin(ctx, b, w); err != nil {
				return err
			}
		}
	}
	for _, level := range levels {
		if err := o.level(ctx, b, c, level); err != nil {
			return err
		}
	}
	return nil
}

// try asks the cluster about everything, and writes nothing.
func (o *deployOptions) try(ctx context.Context, b *blueprint, c *cluster, all []*workload) error {
	releases, err := release.NewClient(o.getter, c.namespace)
	if err != nil {
		return err
	}
	if o.versions, err = newVersions(o.getter, c.namespace, o.secrets.names()); err != nil {
		return err
	}
	for _, w := range all {
		if err := o.check(ctx, b, c, releases, w); err != nil {
			return err
		}
	}
	return o.preflight(ctx, c, all)
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
func (o *deployOptions) check(ctx context.Context, b *blueprint, c *cluster, releases *release.Client, w *workload) error {
	existing, err := releases.Get(w.name())
	if err != nil && !errors.Is(err, release.ErrNotFound) {
		return err
	}
	target := preflight.Release{Name: w.name(), Namespace: c.namespace}
	if err == nil {
		if err := o.replaceable(existing, w); err != nil {
			return err
		}
		w.previous, target.Previous = existing, existing.Sent()
	}
	if err := o.versions.pin(ctx, b, w); err != nil {
		return err
	}
	target.Objects = w.objects
	outcomes, err := preflight.DryRun(ctx, c.dynamic, c.mapper, target)
	if err != nil {
		return err
	}
	if o.dryRun == cmdutil.DryRunServer {
		for _, outcome := range outcomes {
			o.say("%s %s (server dry run)", outcome.Object, outcome.Verb)
		}
	}
	return nil
}

// replaceable refuses to upgrade what another chart or another recipe made.
func (o *deployOptions) replaceable(existing *release.Release, w *workload) error {
	if err := existing.MadeBy(chartName); err != nil {
		return err
	}
	if holder := deploymentName(existing.Objects()); holder != w.deploymentName() && !existing.Leaving() {
		return fmt.Errorf("%s: deployment_name %q becomes %s, a name that %q already has in namespace %s: choose another deployment_name",
			o.file, w.deploymentName(), w.name(), holder, existing.Namespace)
	}
	return nil
}

// say writes a line of progress, in which the server's words can't move the
// cursor.
func (o *deployOptions) say(format string, args ...any) {
	_, _ = fmt.Fprintln(o.streams.ErrOut, source.Printable(fmt.Sprintf(format, args...)))
}
