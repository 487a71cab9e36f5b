package render_test

import (
	"testing"
)

// TestNoPodGetsServiceLinks looks at every pod template: a Service of the
// namespace would set variables such as VLLM_PORT, which vLLM refuses.
func TestNoPodGetsServiceLinks(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	kinds := map[string]int{}
	for _, file := range recipeFiles(t) {
		objects, err := mustRender(t, c, readRecipe(t, file)).Objects()
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range objects {
			for _, pod := range podSpecs(object.Object) {
				kinds[object.GetKind()]++
				if links, set := pod["enableServiceLinks"].(bool); !set || links {
					t.Errorf("%s: a pod of %s has service links", file, object.GetKind())
				}
			}
		}
	}
	if kinds["Deployment"] == 0 || kinds["Job"] == 0 || kinds["LeaderWorkerSet"] < 4 {
		t.Errorf("want pods of all kinds, with leaders and workers, got %v", kinds)
	}
}

// podSpecs returns what has containers anywhere in value.
func podSpecs(value any) []map[string]any {
	var found []map[string]any
	switch v := value.(type) {
	case map[string]any:
		if _, ok := v["containers"]; ok {
			return []map[string]any{v}
		}
		for _, inner := range v {
			found = append(found, podSpecs(inner)...)
		}
	case []any:
		for _, inner := range v {
			found = append(found, podSpecs(inner)...)
		}
	}
	return found
}
