package secrets

import (
	"cmp"

	"k8s.io/cli-runtime/pkg/genericiooptions"

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
	return cmp.Or(printResults(o.streams, o.output, report), report.DryRunErr())
}

// PrintReport prints the report, and returns an error with hints unless every
// operation succeeded.
func PrintReport(streams genericiooptions.IOStreams, output *printer.Output, report secrets.Report) error {
	return cmp.Or(printResults(streams, output, report), report.Err())
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
