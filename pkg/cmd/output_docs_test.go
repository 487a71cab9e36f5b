package cmd

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ask"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// TestOutputDocs requires that docs/output.md names every field of the JSON that
// commands print.
func TestOutputDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/output.md")
	if err != nil {
		t.Fatal(err)
	}
	fields := 0
	for _, v := range []any{listItem{}, statusItem{}, revisionItem{}, diffItem{}, validation{}, problem{}, versions{}, progress.Failure{}, progress.Recovery{}, progress.Endpoints{}, ask.Answer{}, ask.Usage{}, ask.Timings{}, rollout.Failure{}, rollout.Detail{}, rollout.Remediation{}, rollout.Status{}, rollout.Startup{}, rollout.PhaseDuration{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(v)) {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "" || name == "-" || field.Anonymous {
				continue
			}
			fields++
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("docs/output.md does not mention `%s` of %T", name, v)
			}
		}
	}
	if fields < 60 {
		t.Errorf("checked %d fields", fields)
	}
}
