package recipe_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// manyErrors returns files in which as many things are wrong, each in another
// way.
func manyErrors(count int) map[string]string {
	repeat := func(before, each, after string) string {
		var b strings.Builder
		for i := range count {
			b.WriteString(strings.ReplaceAll(each, "%d", fmt.Sprint(i)) + ",")
		}
		return before + strings.TrimSuffix(b.String(), ",") + after
	}
	const mode = `{"recipe_mode": "job", "deployment_name": "a", `
	return map[string]string{
		"unknown keys":    repeat(mode, `"recipe_x%d": 1`, `}`),
		"wrong items":     repeat(mode+`"recipe_container_command_args": [`, `{}`, `]}`),
		"wrong samples":   repeat(`{"pre_filled_samples": [`, `%d`, `]}`),
		"wrong entries":   repeat(`[{"pre_filled_samples": [{}]},`, `%d`, `]`),
		"unknown members": repeat(`{"deployment_group": {"name": "g", "deployments": [{"name": "a", "recipe": {}, "depends_on": [`, `"m%d"`, `]}]}}`),
		"same member":     repeat(`{"deployment_group": {"name": "g", "deployments": [`, `{"name": "a", "recipe": {}}`, `]}}`),
	}
}

func judged(t testing.TB, reader *recipe.Reader, schema *recipe.Schema, text string) source.Errors {
	t.Helper()
	doc, err := source.Parse("a.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	sets, problems := reader.Load(doc)
	if len(sets) == 1 && len(sets[0].Recipes) == 1 {
		problems = append(problems, schema.Validate(sets[0].Recipes[0])...)
	}
	return problems
}

// TestManyErrorsAreLinear holds the work on a file to growing as its size does,
// and the errors to a list that ends and is the same every time.
func TestManyErrorsAreLinear(t *testing.T) {
	schema := loadSchema(t)
	reader := recipe.NewReader(schema)
	small, large := manyErrors(4_000), manyErrors(16_000)
	for name := range small {
		work := func(text string) (allocations, bytes float64) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			problems := judged(t, reader, schema, text)
			runtime.ReadMemStats(&after)
			if problems.Total() < 3_999 || len(problems) > 2*source.MaxErrors+1 {
				t.Errorf("%s: %d errors, of which %d are listed", name, problems.Total(), len(problems))
			}
			return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
		}
		smallAllocations, smallBytes := work(small[name])
		allocations, bytes := work(large[name])
		if allocations > 5*smallAllocations || bytes > 5*smallBytes {
			t.Errorf("%s: %.0f allocations and %.0f bytes for 4,000, %.0f and %.0f for 16,000", name, smallAllocations, smallBytes, allocations, bytes)
		}
		first, again := judged(t, reader, schema, small[name]), judged(t, reader, schema, small[name])
		if first.Error() != again.Error() {
			t.Errorf("%s: errors differ between two runs:\n%v\n%v", name, first, again)
		}
	}
}

func BenchmarkManyErrors(b *testing.B) {
	schema := loadSchema(b)
	reader := recipe.NewReader(schema)
	for _, count := range []int{10_000, 20_000, 40_000} {
		for name, text := range manyErrors(count) {
			b.Run(fmt.Sprintf("%s/%d", name, count), func(b *testing.B) {
				for b.Loop() {
					_ = judged(b, reader, schema, text)
				}
			})
		}
	}
}
