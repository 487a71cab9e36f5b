package render_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// TestBatchesEqualSingleRecipes renders more recipes than one batch holds,
// some of which break a rule, and finds for each what Render gives.
func TestBatchesEqualSingleRecipes(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	var recipes []map[string]any
	for _, file := range append(recipeFiles(t), corpus.Files(t, "recipes")...) {
		if recipe, ok := acceptable(t, c, file); ok {
			recipes = append(recipes, recipe)
		}
	}
	broken := parse(t, portless+`, "recipe_nvidia_gpu_count": 1, "recipe_amd_gpu_count": 1}`)
	recipes = append(recipes, broken, parse(t, `{"recipe_mode": "job"}`))
	alone := make([]render.Result, len(recipes))
	for i, recipe := range recipes {
		alone[i].Manifests, alone[i].Err = c.Render(recipe)
	}
	for len(recipes) < 150 {
		recipes = append(recipes, recipes...)
	}
	failed := 0
	for i, got := range c.RenderAll(recipes) {
		want, err := alone[i%len(alone)].Manifests, alone[i%len(alone)].Err
		if fmt.Sprint(err) != fmt.Sprint(got.Err) {
			t.Errorf("recipe %d: want the error %v, got %v", i, err, got.Err)
		}
		if diff := cmp.Diff(want.String(), got.Manifests.String()); diff != "" {
			t.Errorf("recipe %d (-alone +batch):\n%s", i, diff)
		}
		if diff := cmp.Diff(want.Warnings(), got.Manifests.Warnings()); diff != "" {
			t.Errorf("recipe %d (-alone +batch):\n%s", i, diff)
		}
		if err != nil {
			failed++
		}
	}
	if failed < 2 || failed > len(recipes)/2 {
		t.Errorf("%d of %d recipes fail, so the test shows little", failed, len(recipes))
	}
}

func TestBatchesWarnAndFailForTheRightRecipe(t *testing.T) {
	t.Parallel()
	c := talkingChart(t)
	var recipes []map[string]any
	for i := range 100 {
		recipes = append(recipes, parse(t, fmt.Sprintf(`{"keys": ["k%d"], "fail": %t}`, i, i%31 == 5)))
	}
	for i, result := range c.RenderAll(recipes) {
		if i%31 == 5 {
			if result.Err == nil {
				t.Errorf("recipe %d: want an error", i)
			}
			continue
		}
		if result.Err != nil || result.Manifests.Warnings()[0].Pointer != fmt.Sprintf("/k%d", i) {
			t.Errorf("recipe %d: %v, %v", i, result.Err, result.Manifests.Warnings())
		}
	}
	if got := c.RenderAll(nil); len(got) != 0 {
		t.Errorf("nothing becomes %v", got)
	}
}

func BenchmarkRenderAll(b *testing.B) {
	c := loadChart(b)
	files := recipeFiles(b)
	slices.Sort(files)
	var recipes []map[string]any
	for i := range 1000 {
		recipe := readRecipe(b, files[i%len(files)])
		recipe["deployment_name"] = fmt.Sprint(filepath.Base(files[i%len(files)]), i)
		recipes = append(recipes, recipe)
	}
	for b.Loop() {
		for _, result := range c.RenderAll(recipes) {
			if result.Err != nil {
				b.Fatal(result.Err)
			}
		}
	}
}
