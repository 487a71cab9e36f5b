package render_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// clusterFile has the cluster values that go with the public recipes.
const clusterFile = repository + "/testdata/cluster.yaml"

// acceptable reads a recipe that the schema takes, in a cluster that has
// everything unless the recipe describes another.
func acceptable(t testing.TB, c *render.Chart, file string) (map[string]any, bool) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var recipe map[string]any
	if json.Unmarshal(data, &recipe) != nil || validate(t, c, recipe) != nil {
		return nil, false
	}
	if recipe["cluster"] == nil {
		recipe["cluster"] = readRecipe(t, clusterFile)["cluster"]
	}
	return recipe, true
}

// A public recipe is refused for a key or a mode that the schema refuses by
// name, and for nothing else.
func TestPublicRecipesAreRenderedOrRefusedByName(t *testing.T) {
	t.Parallel()
	corpus.Dir(t, "recipes")
	files := corpus.Files(t, "recipes")
	c := loadChart(t)
	schema := readSchema(t)
	accepted, refused := 0, map[string]int{}
	for _, file := range files {
		reasons := refusals(t, schema, file)
		recipe, ok := acceptable(t, c, file)
		if ok != (len(reasons) == 0) {
			t.Errorf("%s: accepted %t, refused by name for %q", filepath.Base(file), ok, reasons)
		}
		for _, reason := range reasons {
			refused[reason]++
		}
		if !ok {
			continue
		}
		accepted++
		if _, err := c.Render(recipe); err != nil {
			t.Errorf("%s: %v", filepath.Base(file), err)
		}
	}
	t.Logf("%d of %d accepted and rendered; refused for %v", accepted, len(files), refused)
}

// refusals are the names in a recipe file for which the schema has a refusal.
func refusals(t *testing.T, s schema, file string) []string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var recipe map[string]any
	if err := json.Unmarshal(data, &recipe); err != nil {
		return []string{"no JSON"}
	}
	var names []string
	for key := range recipe {
		if s.Refused[key] != "" {
			names = append(names, key)
		}
	}
	if mode, _ := recipe["recipe_mode"].(string); s.Properties["recipe_mode"].Refused[mode] != "" {
		names = append(names, "mode "+mode)
	}
	sort.Strings(names)
	return names
}
