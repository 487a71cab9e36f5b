package render_test

import (
	"maps"
	"slices"
	"testing"
)

// The tests of hostile strings, of equality with helm and of strict decoding go
// through the golden recipes, so these have to use every key that has an effect.
func TestGoldenRecipesUseEveryKey(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, file := range recipeFiles(t) {
		collectKeys("", readRecipe(t, file), used)
	}
	for _, path := range slices.Sorted(maps.Keys(paths("", readSchema(t)))) {
		if !used[path] {
			t.Errorf("no recipe in testdata has %s", path)
		}
	}
}

// paths are the keys of a schema that have an effect, lists looked through.
func paths(at string, s schema) map[string]bool {
	all := map[string]bool{}
	for key, property := range s.Properties {
		if property.Ignored != nil {
			continue
		}
		all[at+"/"+key] = true
		maps.Copy(all, paths(at+"/"+key, property))
	}
	if s.Items != nil {
		maps.Copy(all, paths(at, *s.Items))
	}
	return all
}

func collectKeys(at string, value any, used map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			used[at+"/"+key] = true
			collectKeys(at+"/"+key, inner, used)
		}
	case []any:
		for _, item := range v {
			collectKeys(at, item, used)
		}
	}
}
