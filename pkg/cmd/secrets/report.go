package secrets

import (
	"fmt"
	"slices"

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
	failed := withStatus(report, secrets.StatusError)
	return hint.Add(fmt.Errorf("%d of %d operations would fail", len(failed), len(report.Results)), hints(failed)...)
}

// PrintReport prints the report, and returns an error with hints unless every
// operation succeeded.
func PrintReport(streams genericiooptions.IOStreams, output *printer.Output, report secrets.Report) error {
	if err := printResults(streams, output, report); err != nil || report.OK() {
		return err
	}
	failed, left := withStatus(report, secrets.StatusError), withStatus(report, secrets.StatusNotAttempted)
	switch {
	case len(failed) == 0:
		return hint.Text(fmt.Errorf("interrupted: %d of %d operations not attempted", len(left), len(report.Results)),
			"run the same command again to complete the batch")
	case report.Rejected:
		return hint.Add(fmt.Errorf("%d of %d operations failed the server-side dry run; nothing was written", len(failed), len(report.Results)), hints(failed)...)
	case len(left) > 0:
		return hint.Add(fmt.Errorf("%d of %d operations failed, %d not attempted", len(failed), len(report.Results), len(left)), hints(failed)...)
	}
	return hint.Add(fmt.Errorf("%d of %d operations failed", len(failed), len(report.Results)), hints(failed)...)
}

func withStatus(report secrets.Report, status secrets.Status) []secrets.Result {
	return slices.DeleteFunc(slices.Clone(report.Results), func(r secrets.Result) bool { return r.Status != status })
}

// hints returns hints for failed operations, without duplicates.
func hints(failed []secrets.Result) []hint.Hint {
	if len(failed) == 0 {
		return nil
	}
	namespace := failed[0].Namespace
	isUpdate := func(r secrets.Result) bool { return r.Action == secrets.ActionUpdate }
	unreadable := func(r secrets.Result) bool { return r.Cause == secrets.CauseUnreadable }
	var all []hint.Hint
	for _, remedy := range []struct {
		hint  hint.Hint
		helps func(secrets.Result) bool
	}{
		{hint.Hint{Text: `use action "update" or "apply" for Secrets that may exist`}, because(secrets.ReasonAlreadyExists)},
		{hint.Hint{Text: `use action "create" or "apply" for Secrets that may be missing`},
			func(r secrets.Result) bool { return isUpdate(r) && r.Cause == secrets.CauseNoSecret }},
		{hint.Hint{Text: "use --recreate to delete and recreate Secrets that are immutable or of another type"},
			func(r secrets.Result) bool {
				return because(secrets.ReasonTypeMismatch, secrets.ReasonImmutable)(r) && !unreadable(r) && r.Action != secrets.ActionDelete
			}},
		{hint.Hint{Text: "correct or remove the type of delete operations"},
			func(r secrets.Result) bool {
				return r.Reason == secrets.ReasonTypeMismatch && r.Action == secrets.ActionDelete
			}},
		{hint.Hint{Text: "use --force to modify Secrets managed by other tools"}, because(secrets.ReasonManagedElsewhere)},
		{hint.Hint{Text: "use --force to delete Secrets in use"}, because(secrets.ReasonInUse)},
		{hint.Hint{Text: "ask an administrator for permission to get Secrets in namespace " + namespace}, unreadable},
		{hint.Hint{Text: "create the namespace", Command: hint.Kubectl("create", "namespace", namespace)},
			func(r secrets.Result) bool { return r.Cause == secrets.CauseNoNamespace }},
	} {
		if slices.ContainsFunc(failed, remedy.helps) {
			all = append(all, remedy.hint)
		}
	}
	return all
}

// because returns a function that reports whether a result has one of reasons.
func because(reasons ...secrets.Reason) func(secrets.Result) bool {
	return func(r secrets.Result) bool { return slices.Contains(reasons, r.Reason) }
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
