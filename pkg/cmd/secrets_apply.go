package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type secretsApplyOptions struct {
	file      string
	dryRun    string
	preflight string
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
			secret exists, update and delete where it does not. Operations on one name run
			in the order of the payload, those on different names side by side, and a
			failure does not stop the others. Each operation gets a status; values are
			never printed. FILE may be JSON or YAML; a dash reads standard input.`),
		Example: examples(`
			# Apply a payload
			kubectl blueprint secrets apply -f payload.json

			# See what the server would say
			kubectl blueprint secrets apply -f payload.json --dry-run=server

			# From a pipe, with results for a script
			sops -d payload.enc.yaml | kubectl blueprint secrets apply -f - -o json`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVarP(&o.file, "filename", "f", "", "The payload `FILE`, or a dash for standard input.")
	cmd.Flags().StringVar(&o.dryRun, "dry-run", "none", `Must be "none" or "server". If server, have every operation tried without anything being written.`)
	cmd.Flags().StringVar(&o.preflight, "preflight", "strict", `Must be "strict" or "off". If off, write without the dry run that comes first.`)
	o.output = newOutput(cmd, "json", "yaml", "name")
	return cmd
}

func (o *secretsApplyOptions) validate() error {
	switch {
	case o.file == "":
		return fmt.Errorf("name the payload with -f FILE")
	case !slices.Contains([]string{"none", "server"}, o.dryRun):
		return fmt.Errorf("--dry-run: want none or server")
	case !slices.Contains([]string{"strict", "off"}, o.preflight):
		return fmt.Errorf("--preflight: want strict or off")
	}
	return o.output.validate()
}

func (o *secretsApplyOptions) run(ctx context.Context) error {
	if err := o.validate(); err != nil {
		return err
	}
	doc, err := readDocument(o.file, o.streams.In)
	if err != nil {
		return err
	}
	operations, err := secrets.Parse(doc)
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
	return o.apply(ctx, secrets.NewBatch(client, namespace, operations))
}

func (o *secretsApplyOptions) apply(ctx context.Context, batch *secrets.Batch) error {
	if o.dryRun == "server" || o.preflight == "strict" {
		results, err := batch.Check(ctx)
		if err != nil {
			return err
		}
		report := secrets.NewReport(results)
		if o.dryRun == "server" {
			return o.print(report, "the server would refuse")
		}
		if !report.OK() {
			return o.print(report.Refused(), "nothing was written: the server refused")
		}
	}
	return o.print(secrets.NewReport(batch.Apply(ctx)), "not all was written: there failed")
}

// print writes the report, and returns an error that begins with failure where
// an operation did not succeed.
func (o *secretsApplyOptions) print(report secrets.Report, failure string) error {
	if err := o.printReport(report); err != nil || report.OK() {
		return err
	}
	failed := slices.DeleteFunc(slices.Clone(report.Results), func(r secrets.Result) bool { return r.Status != secrets.StatusError })
	if len(failed) == 0 {
		return fmt.Errorf("interrupted: %d of %d operations were not attempted; run the command again",
			len(report.Results)-report.OperationsProcessed, len(report.Results))
	}
	return fmt.Errorf("%s %d of %d operations, first: %s", failure, len(failed), len(report.Results), failed[0].Message)
}

func (o *secretsApplyOptions) printReport(report secrets.Report) error {
	if done, err := o.output.structured(o.streams.Out, report); done {
		return err
	}
	var rows [][]string
	for _, r := range report.Results {
		if o.output.format == "name" {
			_, _ = fmt.Fprintf(o.streams.Out, "secret/%s\n", r.Name)
			continue
		}
		rows = append(rows, []string{string(r.Action), r.Name, string(r.Status), r.Message})
	}
	if o.output.format == "name" {
		return nil
	}
	return table(o.streams.Out, []string{"ACTION", "NAME", "STATUS", "MESSAGE"}, rows)
}
