package secrets

import (
	"context"
	"fmt"
	"slices"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type applyOptions struct {
	payload      PayloadOptions
	dryRun       kcmdutil.DryRunStrategy
	allOrNothing bool
	onError      string
	recreate     bool
	force        bool
	restart      bool
	output       *printer.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newApply(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &applyOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:   "apply FILE...",
		Short: "Create, update and delete Secrets in one batch",
		Long: heredoc.Doc(`
			Create, update and delete Secrets in one batch, and report the result of each
			operation. Never prints values.

			Validates all files first; a malformed payload writes nothing. A failed
			operation does not stop the others, and running the command again completes an
			unfinished batch. Does not change Secrets managed by other tools, and does not
			delete Secrets in use, unless --force is set.

			FILE is JSON or YAML: a file, a directory, a URL, or "-" for standard input.`),
		Example: cmdutil.Examples(`
			# Apply a payload
			kubectl blueprint secrets apply payload.json

			# Validate the operations on the server and print the Secrets with masked values
			kubectl blueprint secrets apply payload.json --dry-run=server -o yaml

			# Write nothing unless a dry run of every operation succeeds
			kubectl blueprint secrets apply payload.json --all-or-nothing

			# Rotate a key and restart the workloads that read it only at startup
			kubectl blueprint secrets apply rotate.json --restart

			# Decrypt a payload in a pipe and print the results as JSON
			sops -d payload.enc.yaml | kubectl blueprint secrets apply - -o json`),
		Args:              o.payload.Args,
		ValidArgsFunction: cmdutil.CompleteFiles,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.payload.Complete(args)
			if o.dryRun, err = kcmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.payload.addFlags(cmd)
	cmdutil.AddDryRunFlag(cmd)
	cmd.Flags().BoolVar(&o.allOrNothing, "all-or-nothing", false, "If true, write nothing unless a server-side dry run of every operation succeeds.")
	cmd.Flags().StringVar(&o.onError, "on-error", "continue", `Must be "continue" or "stop". If stop, run the operations one at a time in payload order until one fails.`)
	cmd.Flags().BoolVar(&o.recreate, "recreate", false, "If true, delete and recreate Secrets that are immutable or of another type.")
	cmd.Flags().BoolVar(&o.force, "force", false, "If true, modify Secrets managed by other tools and delete Secrets in use.")
	cmd.Flags().BoolVar(&o.restart, "restart", false, "If true, restart the workloads that read a changed Secret only at startup.")
	o.output = printer.NewOutput(cmd, "json", "yaml", "name")
	cmdutil.CompleteFlag(cmd, "on-error", "continue", "stop")
	return cmd
}

func (o *applyOptions) validate() error {
	if !slices.Contains([]string{"continue", "stop"}, o.onError) {
		return fmt.Errorf(`--on-error must be "continue" or "stop"`)
	}
	return o.output.Validate()
}

func (o *applyOptions) run(ctx context.Context) error {
	if err := o.validate(); err != nil {
		return err
	}
	operations, err := o.payload.Read(ctx, o.streams)
	if err != nil {
		return err
	}
	if o.dryRun == kcmdutil.DryRunClient {
		return o.runOffline(operations)
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	client, err := kube.SecretsClient(o.getter)
	if err != nil {
		return err
	}
	batch := o.batch(client, namespace, operations)
	if err := ProtectInUse(ctx, o.getter, namespace, batch, o.streams.ErrOut); err != nil {
		return err
	}
	if o.dryRun == kcmdutil.DryRunServer {
		results, err := batch.Check(ctx)
		if err != nil {
			return err
		}
		return o.printDryRun(batch, results)
	}
	report, err := batch.Run(ctx)
	if err != nil {
		return err
	}
	failure := PrintReport(o.streams, o.output, report)
	if err := o.follow(ctx, namespace, report); failure == nil {
		failure = err
	}
	return failure
}

// batch returns the batch of operations with the options from the flags.
func (o *applyOptions) batch(client secrets.Client, namespace string, operations []secrets.Operation) *secrets.Batch {
	batch := secrets.NewBatch(client, namespace, operations)
	batch.AllOrNothing, batch.StopOnError = o.allOrNothing, o.onError == "stop"
	batch.Recreate, batch.Force = o.recreate, o.force
	return batch
}

// runOffline prints the results that can be predicted without the cluster.
func (o *applyOptions) runOffline(operations []secrets.Operation) error {
	namespace, err := kube.OfflineNamespace(o.getter, printer.Warner(o.streams.ErrOut))
	if err != nil {
		return err
	}
	batch := o.batch(corev1client.New(nil), namespace, operations)
	return o.printDryRun(batch, batch.DryRun())
}
