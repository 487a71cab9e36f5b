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
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	secretscmd "github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type deployOptions struct {
	recipeOptions
	file        string
	planFile    string
	secretsFile string
	preflight   deploy.PreflightMode
	dryRun      kcmdutil.DryRunStrategy
	yes         bool
	wait        bool
	timeout     time.Duration
	atomic      bool
	output      *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newDeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &deployOptions{getter: getter, streams: streams}
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
		Args: o.validateArgs,
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
	cmd.Flags().StringVar((*string)(&o.preflight), "preflight", string(deploy.PreflightErrors),
		`Must be "errors", "strict", "warn" or "off": which findings about the cluster (secrets, images, rights, quotas, nodes and more) keep anything from being written. If errors, what can't work does; if strict, warnings do, too; if warn, they are only told; if off, they are not looked for.`)
	kcmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client, only print the manifests; if server, have the server try them, too, and write nothing.`
	cmd.Flags().StringVar(&o.secretsFile, "secrets", "", "A payload of secrets to apply first, as 'secrets apply' does: a `FILE`, a directory, a URL, or a dash for standard input.")
	cmd.Flags().BoolVar(&o.atomic, "atomic", false, "If true, go back to the revision before, or remove what was installed, when a workload fails.")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "If true, don't ask on a terminal before anything is restarted or removed.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, watch until every workload is ready.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 0, "The length of time to watch before giving up. Without it, scheduling, image pulls and starts each have a time of their own.")
	o.output = cmdutil.NewOutput(cmd, "json", "yaml")
	cmd.Flags().Lookup("output").Usage = "Output format. json: one object a line for each change. With --dry-run: yaml, which is the default there."
	cmd.Flags().StringVar(&o.planFile, "plan", "", "A `PLAN` that 'diff --save-plan' saved, to deploy as it was reviewed, in place of FILE.")
}

// validateArgs requires a FILE or, with --plan, nothing that would change the plan.
func (o *deployOptions) validateArgs(cmd *cobra.Command, args []string) error {
	if o.planFile != "" && len(args) > 0 {
		return errors.New("--plan: has the recipes already: leave out the file")
	}
	if o.planFile != "" {
		for _, other := range []string{"sample", "values", "set", "secrets"} {
			if cmd.Flags().Changed(other) {
				return fmt.Errorf("--plan: is deployed as it was reviewed: leave out --%s", other)
			}
		}
		return nil
	}
	return cmdutil.Args(1, 1)(cmd, args)
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
	return errors.Join(o.preflight.Validate(), o.validateOutput())
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
	b, err := blueprint.Load()
	if err != nil {
		return err
	}
	plan, waves, err := o.read(ctx, b)
	if err != nil {
		return err
	}
	all := slices.Concat(waves...)
	if o.dryRun == kcmdutil.DryRunClient {
		return o.print(all)
	}
	d := &deploy.Deployer{Blueprint: b, Plan: plan, Log: cmdutil.Reporter(o.streams.ErrOut)}
	if d.Payload, err = o.readPayload(ctx); err != nil {
		return err
	}
	if d.Cluster, err = kube.Connect(o.getter); err != nil {
		return err
	}
	if err := d.Prepare(ctx, all, o.preflight, o.printFinding); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted, nothing was written: %w", err)
		}
		return err
	}
	if o.dryRun == kcmdutil.DryRunServer {
		o.printOutcomes(all)
		o.printChanges(all)
		return o.print(all)
	}
	if disruptive := o.printChanges(all); disruptive && !o.yes && o.file != "-" && plan == nil {
		if err := confirm(ctx, o.streams); err != nil {
			return err
		}
	}
	if err := d.ApplyPayload(ctx, all); err != nil {
		return err
	}
	printer := progress.New(o.streams, o.output.Format)
	defer printer.Close()
	d.Log = cmdutil.Reporter(printer.Streams().ErrOut)
	return d.Install(ctx, waves, deploy.InstallOptions{
		Wait: o.wait, Timeout: o.timeout, Atomic: o.atomic, Printer: printer,
		Confirmed: func(now diff.Release) bool { return plan == nil && confirmed(o.streams, o.yes, now) },
	})
}

// read returns the releases of the plan, if there is one, or those of the file.
func (o *deployOptions) read(ctx context.Context, b *blueprint.Blueprint) (*diff.Plan, [][]*deploy.Release, error) {
	if o.planFile != "" {
		here, err := emptyPlan(o.getter, b)
		if err != nil {
			return nil, nil, fmt.Errorf("--plan: %s: %w", o.planFile, err)
		}
		return deploy.ReadPlan(ctx, b, o.planFile, here)
	}
	namespace, err := kube.Namespace(o.getter)
	if o.dryRun == kcmdutil.DryRunClient {
		namespace, err = kube.OfflineNamespace(o.getter, cmdutil.Warner(o.streams.ErrOut))
	}
	if err != nil {
		return nil, nil, err
	}
	waves, err := o.releases(ctx, b, o.file, namespace, o.streams)
	return nil, waves, err
}

// readPayload returns the payload of --secrets, or nil.
func (o *deployOptions) readPayload(ctx context.Context) (*deploy.Payload, error) {
	if o.secretsFile == "" {
		return nil, nil
	}
	payload := secretscmd.PayloadOptions{Names: []string{o.secretsFile}}
	operations, err := payload.Read(ctx, o.streams)
	if err != nil {
		return nil, err
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return nil, err
	}
	client, err := kube.SecretsClient(o.getter)
	if err != nil {
		return nil, err
	}
	streams := o.streams
	streams.Out = streams.ErrOut // stdout is for what is deployed
	return &deploy.Payload{
		Batch: secrets.NewBatch(client, namespace, operations),
		Protect: func(ctx context.Context, b *secrets.Batch) error {
			return secretscmd.ProtectInUse(ctx, o.getter, namespace, b, streams.ErrOut)
		},
		Report: func(r secrets.Report) error { return secretscmd.PrintReport(streams, &cmdutil.Output{}, r) },
	}, nil
}
