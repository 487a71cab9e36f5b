package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// printDryRun prints the masked Secrets if YAML is requested, and the report
// otherwise.
func (o *secretsApplyOptions) printDryRun(batch *secrets.Batch, results []secrets.Result) error {
	report := secrets.NewReport(results)
	if o.output.Format == "yaml" && report.OK() {
		return cmdutil.PrintManifests(o.streams.Out, batch.Manifests())
	}
	if err := o.printReport(report); err != nil || report.OK() {
		return err
	}
	failed := withStatus(report, secrets.StatusError)
	return hint.Add(fmt.Errorf("%d of %d operations would fail", len(failed), len(report.Results)), hints(failed)...)
}

// print writes the report, and returns an error unless every operation
// succeeded.
func (o *secretsApplyOptions) print(report secrets.Report) error {
	if err := o.printReport(report); err != nil || report.OK() {
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

// hints returns a line for each way to make failed operations succeed.
func hints(failed []secrets.Result) []hint.Hint {
	has := func(matches func(secrets.Result) bool) bool { return slices.ContainsFunc(failed, matches) }
	because := func(reasons ...string) func(secrets.Result) bool {
		return func(r secrets.Result) bool { return slices.Contains(reasons, r.Reason) }
	}
	var all []hint.Hint
	add := func(format string, args ...any) {
		all = append(all, hint.Hint{Text: fmt.Sprintf(format, args...)})
	}
	if has(because("AlreadyExists")) {
		add(`use action "update" or "apply" for Secrets that may exist`)
	}
	if has(func(r secrets.Result) bool {
		return r.Action == secrets.ActionUpdate && strings.HasSuffix(r.Message, "does not exist")
	}) {
		add(`use action "create" or "apply" for Secrets that may be missing`)
	}
	if has(func(r secrets.Result) bool { return because("TypeMismatch", "Immutable")(r) && !unreadable(r) }) {
		add("use --recreate to delete and recreate Secrets that are immutable or of another type")
	}
	if has(because("ManagedElsewhere")) {
		add("use --force to modify Secrets managed by other tools")
	}
	if has(because("InUse")) {
		add("use --force to delete Secrets in use")
	}
	if has(unreadable) {
		add("ask a cluster admin for the permission to get Secrets in namespace %s", failed[0].Namespace)
	}
	if has(func(r secrets.Result) bool {
		return r.Reason == "NotFound" && strings.Contains(r.Message, `namespaces "`)
	}) {
		all = append(all, hint.Hint{Text: "create the namespace", Command: hint.Kubectl("create", "namespace", failed[0].Namespace)})
	}
	return all
}

// unreadable reports whether the result would say more, or be another one, if
// the user could read the Secret.
func unreadable(r secrets.Result) bool {
	return strings.Contains(r.Message, "missing permission: get secrets") || strings.Contains(r.Message, `cannot get resource "secrets"`)
}

// printReport prints the results. With -o name these are the names alone, and
// the messages of failures go to stderr.
func (o *secretsApplyOptions) printReport(report secrets.Report) error {
	if done, err := o.output.Structured(o.streams.Out, report); done {
		return err
	}
	if o.output.Format == "name" {
		return o.printNames(report)
	}
	rows := make([][]string, len(report.Results))
	for i, r := range report.Results {
		rows[i] = []string{string(r.Action), r.Name, string(r.Status), r.Message}
	}
	return cmdutil.PrintTable(o.streams.Out, []string{"ACTION", "NAME", "STATUS", "MESSAGE"}, rows)
}

func (o *secretsApplyOptions) printNames(report secrets.Report) error {
	for _, r := range report.Results {
		if r.Status != secrets.StatusSuccess {
			cmdutil.Report(o.streams.ErrOut, "secret/%s: %s", r.Name, r.Message)
			continue
		}
		if err := cmdutil.PrintLine(o.streams.Out, "secret/%s", r.Name); err != nil {
			return err
		}
	}
	return nil
}
