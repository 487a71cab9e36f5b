package conformance_test

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

var update = flag.Bool("update", false, "write docs/coverage.md instead of comparing with it")

const coverageFile = "../../docs/coverage.md"

const coverageHead = `# Coverage

What becomes of each public sample of the format, in a cluster that has everything (testdata/cluster.yaml). Generated from the samples by ` + "`make golden`" + `. Tests dry-run every object on a real API server, and take every workload to Running on simulated nodes.

`

func TestCoverageIsUpToDate(t *testing.T) {
	t.Parallel()
	corpus.Dir(t, "recipes") // skips where there is none
	got := coverage(publicSamples(t))
	if *update {
		if err := os.WriteFile(coverageFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(coverageFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", coverageFile, diff)
	}
}

// coverage is the page: totals, a table for each folder, and the refusals.
func coverage(all []*sample) string {
	rendered := 0
	for _, s := range all {
		if s.refused == nil {
			rendered++
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%d files: %d rendered, %d refused.\n", coverageHead, len(all), rendered, len(all)-rendered)
	folder := ""
	var refusals []string
	for _, s := range all {
		if s.folder != folder {
			folder = s.folder
			fmt.Fprintf(&b, "\n## %s\n\n| file | becomes | warnings |\n| --- | --- | --- |\n", folder)
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s.name, s.becomes(), counted(s.warnings, func(w *source.Error) string { return w.Rule }))
		for _, f := range faults(s.refused) {
			refusals = append(refusals, fmt.Sprintf("| %s | %s |\n", f.title(), cell(f.Message)))
		}
	}
	b.WriteString("\n## Why files are refused\n\n| rule and key | message |\n| --- | --- |\n")
	slices.Sort(refusals)
	for _, line := range slices.Compact(refusals) {
		b.WriteString(line)
	}
	return b.String()
}

// becomes are the kinds of the sample's objects, or what it is refused for.
func (s *sample) becomes() string {
	if s.refused != nil {
		return "refused: " + counted(faults(s.refused), fault.title)
	}
	return counted(s.objects, (*unstructured.Unstructured).GetKind)
}

// counted lists the names of things by their alphabet, each with its number if
// that is not 1.
func counted[T any](things []T, name func(T) string) string {
	counts := map[string]int{}
	for _, thing := range things {
		counts[name(thing)]++
	}
	var list []string
	for name, n := range counts {
		if n > 1 {
			name = fmt.Sprintf("%s ×%d", name, n)
		}
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// fault is what a file is refused for, whoever found it.
type fault render.Violation

// title is the rule and the key of the fault.
func (f fault) title() string {
	rule := cmp.Or(f.Rule, "syntax")
	if f.Pointer == "" {
		return rule
	}
	return rule + " `" + cell(f.Pointer) + "`"
}

func faults(err error) []fault {
	var all []fault
	var document source.Errors
	switch {
	case err == nil:
	case errors.As(err, &document):
		for _, e := range document {
			all = append(all, fault{Pointer: e.Pointer, Rule: e.Rule, Message: e.Message})
		}
	default:
		all = append(all, fault{Message: err.Error()})
	}
	return all
}

// cell escapes what would end a table's cell.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ").Replace(text)
}
