package render_test

import (
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := render.Load(charts.Blueprint()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRender(b *testing.B) {
	c := loadChart(b)
	recipe := readRecipe(b, repository+"/testdata/recipes/vllm-two-gpus.json")
	for b.Loop() {
		if _, err := c.Render(recipe); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkObjects(b *testing.B) {
	manifests := mustRender(b, loadChart(b), readRecipe(b, repository+"/testdata/recipes/vllm-two-gpus.json"))
	for b.Loop() {
		if _, err := manifests.Objects(); err != nil {
			b.Fatal(err)
		}
	}
}
