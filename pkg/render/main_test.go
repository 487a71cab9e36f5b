package render_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"helm.sh/helm/v3/pkg/chartutil"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

const (
	repository = "../.."
	chartDir   = repository + "/charts/blueprint"
)

func loadChart(t testing.TB) *render.Chart {
	t.Helper()
	c, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// recipeFiles are the golden recipes; there are always some.
func recipeFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(repository + "/testdata/recipes/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("want recipes in testdata, got %d (%v)", len(files), err)
	}
	return files
}

// readRecipe reads a recipe as helm reads a values file.
func readRecipe(t testing.TB, file string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var recipe map[string]any
	if err := yaml.Unmarshal(data, &recipe); err != nil {
		t.Fatalf("parsing %s: %v", file, err)
	}
	return recipe
}

// parse reads a recipe that a test spells out.
func parse(t testing.TB, text string) map[string]any {
	t.Helper()
	var recipe map[string]any
	if err := json.Unmarshal([]byte(text), &recipe); err != nil {
		t.Fatalf("parsing %s: %v", text, err)
	}
	return recipe
}

// validate is helm's own validation of the recipe over the chart's defaults.
func validate(t testing.TB, c *render.Chart, recipe map[string]any) error {
	t.Helper()
	values, err := chartutil.CoalesceValues(c.Helm(), recipe)
	if err != nil {
		t.Fatal(err)
	}
	return chartutil.ValidateAgainstSchema(c.Helm(), values)
}

func mustRender(t testing.TB, c *render.Chart, recipe map[string]any) render.Manifests {
	t.Helper()
	manifests, err := c.Render(recipe)
	if err != nil {
		t.Fatal(err)
	}
	return manifests
}
