package storage

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestDocs renders the recipes of docs/object-storage.md in the cluster that
// it describes, and parses the payload beside them.
func TestDocs(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/object-storage.md")
	if err != nil {
		t.Fatal(err)
	}
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```(json|yaml) (\\w+)\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	var cluster map[string]any
	counts := map[string]int{}
	for _, block := range blocks {
		counts[block[2]]++
		if block[2] == "cluster" {
			if err := yaml.Unmarshal([]byte(block[3]), &cluster); err != nil {
				t.Fatal(err)
			}
		}
	}
	if counts["recipe"] != 2 || counts["secret"] != 1 || counts["cluster"] != 1 {
		t.Fatalf("blocks: %v", counts)
	}
	for _, block := range blocks {
		switch block[2] {
		case "secret":
			document, err := source.Parse("docs", []byte(block[3]))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := secrets.Parse(document); err != nil {
				t.Error(err)
			}
		case "recipe":
			renders(t, chart, block[3], cluster)
		}
	}
}

func renders(t *testing.T, chart *render.Chart, text string, cluster map[string]any) {
	t.Helper()
	var recipe map[string]any
	if err := json.Unmarshal([]byte(text), &recipe); err != nil {
		t.Fatal(err)
	}
	values := chartutil.CoalesceTables(recipe, cluster)
	merged, err := chartutil.CoalesceValues(chart.Helm(), values)
	if err != nil {
		t.Fatal(err)
	}
	if err := chartutil.ValidateAgainstSchema(chart.Helm(), merged); err != nil {
		t.Errorf("%s: %v", text, err)
	}
	if _, err := chart.Render(values); err != nil {
		t.Errorf("%s: %v", text, err)
	}
}
