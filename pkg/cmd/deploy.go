package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

type deployOptions struct {
	reviewOptions
	planned       planned
	preflightMode preflightMode
	dryRun        kcmdutil.DryRunStrategy
	yes           bool
	wait          bool
	timeout       time.Duration
	output        *cmdutil.Output
	follower      *follower
	atomic        bool
	secretsFile   string

	secrets deploySecrets
}

func newDeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &deployOptions{reviewOptions: reviewOptions{getter: getter, streams: streams}}
	cmd := &cobra.Command{
		Use:     "deploy (FILE | --plan PLAN)",
		GroupID: recipesGroup,
		Short:   "Install or upgrade a recipe and watch it until it works",
		Long: heredoc.Doc(`
			Install or upgrade a recipe and watch it until it works.

			The recipe is rendered, what its pods need is looked for (secrets, images,
			rights, quotas, nodes and more), every object is tried with the server's dry
			run, and only then is anything written: one Helm release, named as the
			workload, that 'helm list' and 'helm history' see too. FILE may be JSON or
			YAML, a recipe, a group or a catalogue, or a directory of them, which are
			deployed one after the other; a dash reads standard input. The members of a
			group are installed in the order of their dependencies, each once those it
			needs are ready.

			What changes is told first, as 'kubectl blueprint diff' tells it. On a
			terminal you are asked before pods are restarted or something is removed; a
			pipeline is not. Where nothing changes, no new revision is made.

			With --plan there is no FILE: what 'kubectl blueprint diff --save-plan'
			has shown and saved is deployed, just as it was shown. Where the cluster
			has changed, so that it would be something else, nothing is written.`),
		Example: cmdutil.Examples(`
			# Review what would be sent
			kubectl blueprint deploy nim.json --dry-run=client

			# Ask the server whether it would take it, and look for what is missing
			kubectl blueprint deploy nim.json --dry-run=server

			# Review, and deploy exactly what was reviewed
			kubectl blueprint diff nim.json --save-plan nim.plan
			kubectl blueprint deploy --plan nim.plan

			# Deploy, and watch for up to half an hour
			kubectl blueprint deploy nim.json --timeout=30m

			# Deploy, with one JSON object a line for each change
			kubectl blueprint deploy nim.json -o json`),
		Args: o.planned.args,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.file = strings.Join(args, "") // one, or none with a plan
			if o.dryRun, err = kcmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addAllFlags(cmd)
	return cmd
}

func (o *deployOptions) addAllFlags(cmd *cobra.Command) {
	o.addFlags(cmd)
	o.preflightMode.addFlag(cmd)
	kcmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client, only print the manifests; if server, have the server try them, too, and write nothing.`
	cmd.Flags().StringVar(&o.secretsFile, "secrets", "", "A payload of secrets to apply first, as 'secrets apply' does: a `FILE`, a directory, a URL, or a dash for standard input.")
	cmd.Flags().BoolVar(&o.atomic, "atomic", false, "If true, go back to the revision before, or remove what was installed, when a workload fails.")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "If true, don't ask on a terminal before anything is restarted or removed.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, watch until every workload is ready.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 0, "The length of time to watch before giving up. Without it, scheduling, image pulls and starts each have a time of their own.")
	o.output = cmdutil.NewOutput(cmd, "json", "yaml")
	cmd.Flags().Lookup("output").Usage = "Output format. json: one object a line for each change. With --dry-run: yaml, which is the default there."
	o.planned.addFlag(cmd) // goes with none of some others
}

func (o *deployOptions) validate() error {
	switch {
	case o.secretsFile == "-" && o.file == "-":
		return errors.New("--secrets: standard input is the recipe already: name a file")
	case o.atomic && !o.wait:
		return errors.New("--atomic: has to watch whether it works: leave out --wait=false")
	case o.timeout < 0:
		return errors.New("--timeout: want a time; not to watch at all, --wait=false")
	}
	return errors.Join(o.preflightMode.validate(), o.validateOutput())
}

// validateOutput takes what people are used to: a dry run's manifests are YAML,
// and the JSON of a deploy tells what happens, which in a dry run is nothing.
func (o *deployOptions) validateOutput() error {
	dry := o.dryRun != kcmdutil.DryRunNone
	switch {
	case o.output.Format == "json" && dry:
		return errors.New("--output: a dry run prints manifests, not events: want yaml")
	case o.output.Format == "yaml" && !dry:
		return errors.New("--output: yaml is for the manifests of --dry-run: want json, one object a line for each change")
	}
	return o.output.Validate()
}

func (o *deployOptions) run(ctx context.Context) error {
	if err := o.validate(); err != nil {
		return err
	}
	b, err := loadBlueprint()
	if err != nil {
		return err
	}
	o.offline = o.dryRun == kcmdutil.DryRunClient
	levels, err := o.levels(ctx, b)
	if err != nil {
		return err
	}
	all := slices.Concat(levels...)
	if o.offline {
		return o.print(all)
	}
	if err := o.secrets.read(ctx, o); err != nil {
		return err
	}
	c, err := kube.Connect(o.getter)
	if err != nil {
		return err
	}
	if err := o.question(ctx, b, c, all); err != nil {
		return unwritten(ctx, err)
	}
	if o.dryRun == kcmdutil.DryRunServer {
		o.tellOutcomes(all)
		o.tellChanges(all)
		return o.print(all)
	}
	if err := o.confirm(ctx, all); err != nil {
		return err
	}
	return o.write(ctx, b, c, levels)
}

// question asks the cluster about everything, and writes nothing.
func (o *deployOptions) question(ctx context.Context, b *blueprint, c *kube.Cluster, all []*workload) error {
	if err := o.secrets.check(ctx); err != nil {
		return err
	}
	looked := o.look(ctx, b, c, all, o.secrets.changing)
	if looked != nil && !apierrors.IsForbidden(looked) {
		return looked
	}
	// It tells all rights that are lacking, not only that to look for releases.
	if err := o.preflight(ctx, c, all); err != nil {
		return err
	}
	if looked != nil {
		return looked
	}
	return o.try(ctx, c, all)
}

// write carries out what was asked about and confirmed.
func (o *deployOptions) write(ctx context.Context, b *blueprint, c *kube.Cluster, levels [][]*workload) error {
	if err := o.secrets.write(ctx); err != nil {
		return err
	}
	if err := o.repin(ctx, b, slices.Concat(levels...)); err != nil {
		return err
	}
	o.follower = newFollower(c, o.streams, o.output.Format)
	defer o.follower.close()
	o.streams = o.follower.Streams()
	for i, level := range levels {
		if err := o.level(ctx, b, c, level); err != nil {
			return errors.Join(err, leftOut(slices.Concat(levels[i+1:]...)))
		}
	}
	return nil
}

// unwritten says of an interrupt that it came before anything was written.
func unwritten(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted, nothing was written: %w", err)
	}
	return err
}

// leftOut tells which members of a group have not had their turn.
func leftOut(all []*workload) error {
	var names []string
	for _, w := range all {
		names = append(names, w.name())
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("not deployed, as those before them are not ready: %s", strings.Join(names, ", "))
}

// repin takes the versions that the server gave the Secrets of a payload.
func (o *deployOptions) repin(ctx context.Context, b *blueprint, all []*workload) error {
	if o.secrets.batch == nil {
		return nil
	}
	o.versions.changing = nil
	for _, w := range all {
		if err := o.versions.pin(ctx, b, w); err != nil {
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
