package secrets_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	secretscmd "github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// failure returns a failed update in the namespace shop.
func failure(reason secrets.Reason, cause secrets.Cause) secrets.Result {
	return secrets.Result{Action: secrets.ActionUpdate, Name: "a", Namespace: "shop", Status: secrets.StatusError, Reason: reason, Cause: cause}
}

// printed prints a report and returns what is written to both streams.
func printed(t *testing.T, format string, report secrets.Report) (stdout, stderr string, err error) {
	t.Helper()
	output := printer.NewOutput(&cobra.Command{}, "json", "yaml", "name")
	output.Format = format
	var out, errOut bytes.Buffer
	err = secretscmd.PrintReport(genericiooptions.IOStreams{Out: &out, ErrOut: &errOut}, output, report)
	return out.String(), errOut.String(), err
}

// TestHints suggests what helps, whatever the message says.
func TestHints(t *testing.T) {
	t.Parallel()
	const recreate = "use --recreate to delete and recreate Secrets that are immutable or of another type"
	const missing = `use action "create" or "apply" for Secrets that may be missing`
	created := failure(secrets.ReasonNotFound, secrets.CauseNoSecret)
	created.Action = secrets.ActionDelete
	wrongType := failure(secrets.ReasonTypeMismatch, secrets.CauseNone)
	wrongType.Action = secrets.ActionDelete
	quoting := failure("Forbidden", secrets.CauseNone)
	quoting.Message = `admission webhook: namespaces "a" cannot get resource "secrets" does not exist`
	for name, tt := range map[string]struct {
		result secrets.Result
		want   []string
	}{
		"exists":              {failure(secrets.ReasonAlreadyExists, secrets.CauseNone), []string{`use action "update" or "apply" for Secrets that may exist`}},
		"update of nothing":   {failure(secrets.ReasonNotFound, secrets.CauseNoSecret), []string{missing}},
		"delete of nothing":   {created, nil},
		"no namespace":        {failure(secrets.ReasonNotFound, secrets.CauseNoNamespace), []string{"create the namespace: kubectl create namespace shop"}},
		"type":                {failure(secrets.ReasonTypeMismatch, secrets.CauseNone), []string{recreate}},
		"type of a delete":    {wrongType, []string{"correct or remove the type of delete operations"}},
		"immutable":           {failure(secrets.ReasonImmutable, secrets.CauseNone), []string{recreate}},
		"type, unreadable":    {failure(secrets.ReasonTypeMismatch, secrets.CauseUnreadable), []string{"ask an administrator for permission to get Secrets in namespace shop"}},
		"unreadable":          {failure("Forbidden", secrets.CauseUnreadable), []string{"ask an administrator for permission to get Secrets in namespace shop"}},
		"managed":             {failure(secrets.ReasonManagedElsewhere, secrets.CauseNone), []string{"use --force to modify Secrets managed by other tools"}},
		"in use":              {failure(secrets.ReasonInUse, secrets.CauseNone), []string{"use --force to delete Secrets in use"}},
		"no answer":           {failure(secrets.ReasonNoAnswer, secrets.CauseNone), nil},
		"words of the server": {quoting, nil},
	} {
		_, _, err := printed(t, "", secrets.NewReport([]secrets.Result{tt.result}))
		if err == nil || err.Error() != "1 of 1 operations failed" {
			t.Errorf("%s: got %v", name, err)
		}
		var got []string
		for _, h := range hint.Of(err) {
			got = append(got, h.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPrintReport prints results in every format, and counts those that failed.
func TestPrintReport(t *testing.T) {
	t.Parallel()
	success := secrets.Result{Action: secrets.ActionCreate, Name: "b", Status: secrets.StatusSuccess, Message: "created"}
	left := secrets.Result{Action: secrets.ActionDelete, Name: "c", Status: secrets.StatusNotAttempted, Message: "canceled"}
	failed := failure(secrets.ReasonNoAnswer, secrets.CauseNone)
	failed.Message = "lost\x1b[2J"
	rejected := secrets.NewReport([]secrets.Result{failed, left})
	rejected.Rejected = true
	const header = "ACTION   NAME   STATUS    MESSAGE\n"
	for name, tt := range map[string]struct {
		format                  string
		report                  secrets.Report
		stdout, stderr, wantErr string
	}{
		"success":       {"", secrets.NewReport([]secrets.Result{success}), header + "create   b      success   created\n", "", ""},
		"failure":       {"", secrets.NewReport([]secrets.Result{success, failed}), header + "create   b      success   created\nupdate   a      error     lost\\x1b[2J\n", "", "1 of 2 operations failed"},
		"names":         {"name", secrets.NewReport([]secrets.Result{success, failed}), "secret/b\n", "secret/a: lost\\x1b[2J\n", "1 of 2 operations failed"},
		"not attempted": {"name", secrets.NewReport([]secrets.Result{failed, left}), "", "secret/a: lost\\x1b[2J\nsecret/c: canceled\n", "1 of 2 operations failed, 1 not attempted"},
		"interrupted":   {"name", secrets.NewReport([]secrets.Result{success, left}), "secret/b\n", "secret/c: canceled\n", "interrupted: 1 of 2 operations not attempted"},
		"rejected":      {"name", rejected, "", "secret/a: lost\\x1b[2J\nsecret/c: canceled\n", "1 of 2 operations failed the server-side dry run; nothing was written"},
	} {
		stdout, stderr, err := printed(t, tt.format, tt.report)
		if stdout != tt.stdout || stderr != tt.stderr || (err == nil) != (tt.wantErr == "") || err != nil && err.Error() != tt.wantErr {
			t.Errorf("%s: got %q, %q and %v", name, stdout, stderr, err)
		}
	}
	stdout, _, _ := printed(t, "json", secrets.NewReport([]secrets.Result{failed}))
	if !strings.Contains(stdout, `"operations_processed": 1`) || !strings.Contains(stdout, `"reason": "NoAnswer"`) || strings.Contains(stdout, "ause") {
		t.Errorf("got %s", stdout)
	}
}
