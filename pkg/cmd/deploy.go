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
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	secretscmd "github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type deployOptions struct {
	recipeOptions
	waitOptions
	planFile        string
	secretsFile     string
	preflight       deploy.PreflightMode
	dryRun          kcmdutil.DryRunStrategy
	rollback        bool
	createNamespace bool
	output          *printer.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newDeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &deployOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "deploy FILE...",
		Aliases:    []string{"install", "upgrade"},
		SuggestFor: []string{"apply", "create", "up", "run"},
		GroupID:    recipesGroup,
		Short:      "Deploy a recipe and wait until it is ready",
		Long: heredoc.Doc(`
			Deploy a recipe and wait until it is ready. If the rollout fails, print the
			cause.

			Renders the recipe, runs preflight checks (secrets, images, models, permissions,
			quotas, nodes), validates every object with a server-side dry run, and then
			installs or upgrades one Helm release per workload. The members of a group are
			deployed in the order of their dependencies. If nothing has changed, no new
			revision is created.

			While containers start, shows the progress in their logs: downloads, loading of
			weights, CUDA graphs. A slow start is not a failure as long as it progresses; see
			--no-progress-timeout.

			Prints a summary of the changes first. In an interactive terminal, asks for
			confirmation before restarting pods or deleting objects.

			With --plan, deploys a plan saved by 'kubectl blueprint diff --save-plan'
			instead of FILE. Fails if the cluster has changed since the plan was saved.`),
		Example: cmdutil.Examples(`
			# Deploy a recipe together with the secrets it needs
			kubectl blueprint deploy nim.yaml --secrets nim-secrets.yaml

			# Run all checks without changing anything, and print the manifests
			kubectl blueprint deploy nim.yaml --dry-run=server

			# Roll back automatically if the recipe is not ready after half an hour
			kubectl blueprint deploy nim.yaml --timeout=30m --rollback-on-failure

			# Deploy exactly what was reviewed
			kubectl blueprint diff nim.yaml --save-plan nim.plan
			kubectl blueprint deploy --plan nim.plan

			# Print events as JSON, one per line
			kubectl blueprint deploy nim.yaml -o json`),
		Args:              o.validateArgs,
		ValidArgsFunction: cmdutil.CompleteFiles,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.Complete(args)
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
	flags := cmd.Flags()
	flags.StringVar((*string)(&o.preflight), "preflight", string(deploy.PreflightErrors),
		`Which preflight findings block the deployment: "errors", "strict" (errors and warnings), "warn" (report only) or "off" (skip the checks).`)
	cmdutil.AddDryRunFlag(cmd)
	flags.StringVar(&o.secretsFile, "secrets", "", "Secrets payload to apply first: a `FILE`, directory, URL, or \"-\" for standard input.")
	flags.BoolVar(&o.rollback, "rollback-on-failure", false, "Roll back to the previous revision, or uninstall a first one, if the rollout fails.")
	flags.BoolVar(&o.createNamespace, "create-namespace", false, "Create the namespace if it does not exist.")
	o.addWaitFlags(cmd)
	o.output = printer.NewOutput(cmd, "json", "yaml")
	flags.Lookup("output").Usage = "Output format. One of: (json, yaml). json prints one event per line; yaml is only valid with --dry-run."
	flags.StringVar(&o.planFile, "plan", "", "Deploy the `PLAN` saved by 'diff --save-plan' instead of FILE.")
	for _, other := range []string{"filename", "sample", "values", "set", "secrets"} {
		cmd.MarkFlagsMutuallyExclusive("plan", other)
	}
	cmdutil.CompleteFlag(cmd, "preflight", deploy.PreflightModes()...)
}

// waitOptions are the flags that deploy and rollback share.
type waitOptions struct {
	yes                 bool
	wait                bool
	timeout, noProgress time.Duration
}

func (o *waitOptions) addWaitFlags(cmd *cobra.Command) {
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "Skip the confirmation prompt.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, wait until every workload is ready before returning.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 0, "Maximum time to wait. By default, scheduling, image pulls and container starts have separate timeouts.")
	cmd.Flags().DurationVar(&o.noProgress, "no-progress-timeout", 0, "Maximum time that a container may start without progress in its log. By default 10m, or longer if its probes allow.")
	cmdutil.CompleteFlagFunc(cmd, "timeout", cmdutil.CompleteNothing)
	cmdutil.CompleteFlagFunc(cmd, "no-progress-timeout", cmdutil.CompleteNothing)
}

func (o *waitOptions) validateTimeouts() error {
	switch {
	case o.timeout < 0:
		return hint.Text(errors.New("--timeout must be positive"), "use --wait=false to return immediately")
	case o.noProgress < 0:
		return errors.New("--no-progress-timeout must be positive")
	}
	return nil
}

// validateArgs requires a file or a plan.
func (o *deployOptions) validateArgs(cmd *cobra.Command, args []string) error {
	switch {
	case o.planFile == "":
		return o.Args(cmd, args)
	case len(args) > 0:
		return errors.New("FILE and --plan cannot be used together")
	}
	return nil
}

func (o *deployOptions) validate() error {
	switch {
	case o.secretsFile == "-" && o.Stdin():
		return errors.New("cannot read both FILE and --secrets from standard input")
	case o.rollback && !o.wait:
		return errors.New("--rollback-on-failure requires --wait")
	}
	return errors.Join(o.validateTimeouts(), o.preflight.Validate(), o.validateOutput())
}

// validateOutput returns an error for -o json with a dry run, which has no events, and
// for -o yaml without one.
func (o *deployOptions) validateOutput() error {
	dry := o.dryRun != kcmdutil.DryRunNone
	switch {
	case o.output.Format == "json" && dry:
		return errors.New("--output=json and --dry-run cannot be used together")
	case o.output.Format == "yaml" && !dry:
		return errors.New("--output=yaml requires --dry-run")
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
	d := &deploy.Deployer{Blueprint: b, Plan: plan, Log: printer.Reporter(o.streams.ErrOut)}
	if d.Payload, err = o.readPayload(ctx); err != nil {
		return err
	}
	if d.Cluster, err = kube.Connect(o.getter); err != nil {
		return err
	}
	if o.createNamespace && o.dryRun == kcmdutil.DryRunNone {
		if err := d.CreateNamespace(ctx); err != nil {
			return err
		}
	}
	if err := d.Prepare(ctx, all, o.preflight, o.printFinding); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted; nothing was deployed: %w", err)
		}
		return err
	}
	if o.dryRun == kcmdutil.DryRunServer {
		o.printOutcomes(all)
		o.printChanges(all)
		return o.print(all)
	}
	if disruptive := o.printChanges(all); disruptive && !o.yes && !o.Stdin() && plan == nil {
		if err := confirm(ctx, o.streams); err != nil {
			return err
		}
	}
	if err := d.ApplyPayload(ctx, all); err != nil {
		return err
	}
	view := progress.New(o.streams, o.output.Format)
	defer view.Close()
	d.Log = printer.Reporter(view.Streams().ErrOut)
	return d.Install(ctx, waves, deploy.InstallOptions{
		Wait: o.wait, Timeout: o.timeout, NoProgressTimeout: o.noProgress, RollbackOnFailure: o.rollback, Printer: view,
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
		namespace, err = kube.OfflineNamespace(o.getter, printer.Warner(o.streams.ErrOut))
	}
	if err != nil {
		return nil, nil, err
	}
	waves, err := o.releases(ctx, b, namespace, o.streams)
	return nil, waves, err
}

// readPayload returns the payload of --secrets, or nil.
func (o *deployOptions) readPayload(ctx context.Context) (*deploy.Payload, error) {
	if o.secretsFile == "" {
		return nil, nil
	}
	payload := secretscmd.PayloadOptions{FileOptions: cmdutil.FileOptions{Names: []string{o.secretsFile}}}
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
		Report: func(r secrets.Report) error { return secretscmd.PrintReport(streams, &printer.Output{}, r) },
	}, nil
}
