package secrets

import (
	"fmt"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// printDryRun prints the masked Secrets if YAML is requested, and the report
// otherwise.
func (o *applyOptions) printDryRun(batch *secrets.Batch, results []secrets.Result) error {
	report := secrets.NewReport(results)
	if o.output.Format == "yaml" && report.OK() {
		return printer.PrintManifests(o.streams.Out, batch.Manifests())
	}
	if err := printResults(o.streams, o.output, report); err != nil || report.OK() {
		return err
	}
	failed := report.WithStatus(secrets.StatusError)
	return hint.Add(fmt.Errorf("%d of %d operations would fail", len(failed), len(report.Results)), report.Hints()...)
}

// PrintReport prints the report, and returns an error with hints unless every
// operation succeeded.
func PrintReport(streams genericiooptions.IOStreams, output *printer.Output, report secrets.Report) error {
	if err := printResults(streams, output, report); err != nil || report.OK() {
		return err
	}
	failed, left := report.WithStatus(secrets.StatusError), report.WithStatus(secrets.StatusNotAttempted)
	switch {
	case len(failed) == 0:
		return hint.Text(fmt.Errorf("interrupted: %d of %d operations not attempted", len(left), len(report.Results)),
			"run the same command again to complete the batch")
	case report.Rejected:
		return hint.Add(fmt.Errorf("%d of %d operations failed the server-side dry run; nothing was written", len(failed), len(report.Results)), report.Hints()...)
	case len(left) > 0:
		return hint.Add(fmt.Errorf("%d of %d operations failed, %d not attempted", len(failed), len(report.Results), len(left)), report.Hints()...)
	}
	return hint.Add(fmt.Errorf("%d of %d operations failed", len(failed), len(report.Results)), report.Hints()...)
}

// printResults prints the results. With -o name it prints only names, and the messages of
// failures on stderr.
func printResults(streams genericiooptions.IOStreams, output *printer.Output, report secrets.Report) error {
	if done, err := output.Structured(streams.Out, report); done {
		return err
	}
	if output.Format == "name" {
		return printNames(streams, report)
	}
	rows := make([][]string, len(report.Results))
	for i, r := range report.Results {
		rows[i] = []string{string(r.Action), r.Name, string(r.Status), r.Message}
	}
	return printer.PrintTable(streams.Out, []string{"ACTION", "NAME", "STATUS", "MESSAGE"}, rows)
}

func printNames(streams genericiooptions.IOStreams, report secrets.Report) error {
	for _, r := range report.Results {
		if r.Status != secrets.StatusSuccess {
			printer.Report(streams.ErrOut, "secret/%s: %s", r.Name, r.Message)
			continue
		}
		if err := printer.PrintLine(streams.Out, "secret/%s", r.Name); err != nil {
			return err
		}
	}
	return nil
}
