package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type secretsApplyOptions struct {
	payload   payloadOptions
	dryRun    cmdutil.DryRunStrategy
	preflight string
	onError   string
	recreate  bool
	force     bool
	restart   bool
	output    *output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newSecretsApply(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &secretsApplyOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:   "apply -f FILE",
		Short: "Create, update and delete secrets in one batch",
		Long: heredoc.Doc(`
			Create, update and delete secrets in one batch.

			The payload is checked as a whole, then the server tries every operation as a
			dry run; where it refuses one, nothing is written. Create fails where the
			secret exists, update and delete where it does not; apply creates or updates.
			Operations on one name run in the order of the payload, those on different
			names side by side, and a failure does not stop the others. Each operation
			gets a status; values are never printed.

			A secret that something else manages is not changed, and one that a workload
			uses is not deleted, without --force. FILE may be JSON or YAML, a directory of
			such files, a URL, or a dash for standard input; all together are one batch.`),
		Example: examples(`
			# Apply a payload
			kubectl blueprint secrets apply -f payload.json

			# See what would be written, values masked, and what the server would say
			kubectl blueprint secrets apply -f payload.json --dry-run=server -o yaml

			# Rotate a key, and restart what reads it only at its start
			kubectl blueprint secrets apply -f rotate.json --restart

			# Decrypted on the way, with results for a script
			sops -d payload.enc.yaml | kubectl blueprint secrets apply -f - -o json`),
		Args: operands(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if o.dryRun, err = cmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.payload.addFlags(cmd)
	cmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client, only check the payload; if server, have the server try every operation, too, and write nothing.`
	cmd.Flags().StringVar(&o.preflight, "preflight", "strict", `Must be "strict" or "off". If off, write without the dry run that comes first.`)
	cmd.Flags().StringVar(&o.onError, "on-error", "continue", `Must be "continue" or "stop". If stop, start nothing new after a failure.`)
	cmd.Flags().BoolVar(&o.recreate, "recreate", false, "Delete and create secrets that are immutable or of another type, instead of failing.")
	cmd.Flags().BoolVar(&o.force, "force", false, "Change secrets that something else manages, and delete those in use.")
	cmd.Flags().BoolVar(&o.restart, "restart", false, "Restart the workloads that read a changed secret only at their start.")
	o.output = newOutput(cmd, "json", "yaml", "name")
	return cmd
}

func (o *secretsApplyOptions) validate() error {
	switch {
	case !slices.Contains([]string{"strict", "off"}, o.preflight):
		return fmt.Errorf("--preflight: want strict or off")
	case !slices.Contains([]string{"continue", "stop"}, o.onError):
		return fmt.Errorf("--on-error: want continue or stop")
	}
	return o.output.validate()
}

func (o *secretsApplyOptions) run(ctx context.Context) error {
	if err := o.validate(); err != nil {
		return err
	}
	operations, err := o.payload.read(ctx, o.streams)
	if err != nil {
		return err
	}
	namespace, err := namespaceOf(o.getter)
	if err != nil {
		return err
	}
	client, err := secretsClient(o.getter)
	if err != nil {
		return err
	}
	batch := secrets.NewBatch(client, namespace, operations)
	batch.StopOnError, batch.Recreate, batch.Force = o.onError == "stop", o.recreate, o.force
	if o.dryRun == cmdutil.DryRunClient {
		return o.printDryRun(batch, batch.DryRun(), "the payload contradicts itself in")
	}
	users := newSecretUsers(o.getter, namespace, operations)
	if !o.force {
		if err := users.protect(ctx, o.streams.ErrOut); err != nil {
			return err
		}
	}
	return o.apply(ctx, batch, users)
}

func (o *secretsApplyOptions) apply(ctx context.Context, batch *secrets.Batch, users *secretUsers) error {
	if o.dryRun == cmdutil.DryRunServer || o.preflight == "strict" {
		results, err := batch.Check(ctx)
		if err != nil {
			return err
		}
		if o.dryRun == cmdutil.DryRunServer {
			return o.printDryRun(batch, results, "the server would refuse")
		}
		if report := secrets.NewReport(results); !report.OK() {
			return o.print(report.Refused(), "nothing was written: the server refused")
		}
	}
	report := secrets.NewReport(batch.Apply(ctx))
	failure := o.print(report, "not all was done: the server did not carry out")
	if err := users.follow(ctx, report, o.restart, o.streams.ErrOut); failure == nil {
		failure = err
	}
	return failure
}

// printDryRun prints the masked Secrets where YAML is asked for, else the
// report.
func (o *secretsApplyOptions) printDryRun(batch *secrets.Batch, results []secrets.Result, failure string) error {
	report := secrets.NewReport(results)
	if o.output.format != "yaml" || !report.OK() {
		return o.print(report, failure)
	}
	return printManifests(o.streams.Out, batch.Manifests())
}

// print writes the report, and returns an error that begins with failure where
// an operation did not succeed.
func (o *secretsApplyOptions) print(report secrets.Report, failure string) error {
	if err := o.printReport(report); err != nil || report.OK() {
		return err
	}
	failed := slices.DeleteFunc(slices.Clone(report.Results), func(r secrets.Result) bool { return r.Status != secrets.StatusError })
	if len(failed) == 0 {
		return fmt.Errorf("interrupted: %d of %d operations were not attempted; run the command again, with --preflight=off where some creates and deletes are done",
			len(report.Results)-report.OperationsProcessed, len(report.Results))
	}
	if left := len(report.Results) - report.OperationsProcessed; left > 0 && report.OperationsProcessed > len(failed) {
		failure = fmt.Sprintf("%d operations were not attempted; %s", left, failure)
	}
	return fmt.Errorf("%s %d of %d operations, first: %s%s", failure, len(failed), len(report.Results), failed[0].Message, hints(failed))
}

// hints names the flags that change the fate of failed operations.
func hints(failed []secrets.Result) string {
	has := func(reasons ...string) bool {
		return slices.ContainsFunc(failed, func(r secrets.Result) bool { return slices.Contains(reasons, r.Reason) })
	}
	text := ""
	if has("TypeMismatch", "Immutable") {
		text += "\nhint: --recreate deletes and creates what can't be changed"
	}
	if has("ManagedElsewhere") {
		text += "\nhint: --force changes what something else manages"
	}
	return text
}

func (o *secretsApplyOptions) printReport(report secrets.Report) error {
	if done, err := o.output.structured(o.streams.Out, report); done {
		return err
	}
	rows := make([][]string, len(report.Results))
	for i, r := range report.Results {
		rows[i] = []string{string(r.Action), r.Name, string(r.Status), r.Message}
		if o.output.format == "name" && r.Status == secrets.StatusSuccess {
			if _, err := fmt.Fprintf(o.streams.Out, "secret/%s\n", r.Name); err != nil {
				return err
			}
		}
	}
	if o.output.format == "name" {
		return nil
	}
	return table(o.streams.Out, []string{"ACTION", "NAME", "STATUS", "MESSAGE"}, rows)
}
