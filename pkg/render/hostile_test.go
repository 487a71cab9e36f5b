package render_test

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// hostile are strings that leave their place in YAML, or turn into something
// else there, unless every template quotes them.
func hostile() []string {
	return []string{
		"x\nhostNetwork: true", "x\n---\nkind: Pod", "x\r\ny", "yes", "1e3", "0755", "1_000", "null", "~", "",
		"a: b # c", "- a", "&a *a", "!!str x", "%YAML", "@x", "`x`", "|", ">-", "[", "{", "}",
		"{{ .Values }}", "{{ fail `x` }}", "$(X)", "${X}", "$1", "<no value>", "<hf_token>", "HELM_ERR_START x HELM_ERR_END",
		`'`, `"`, `\`, `\n`, `'"\`, " leading", "trailing ", "\ttab", "nul\x00 bell\a del\x7f",
		"naïve 模型 🚀", "a\u0085b\u00a0c\u2028d\u2029e\ufefff\ufffeg", strings.Repeat("long ", 2000),
	}
}

// Each string of each recipe in turn becomes each hostile one. The recipe is
// then refused, or the objects keep their shape and hold the string unchanged
// where they held the one before.
func TestHostileStringsStayStrings(t *testing.T) {
	t.Parallel()
	c, accepts := loadChart(t), validator(t)
	properties := readSchema(t).Properties
	for _, file := range recipeFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			recipe := readRecipe(t, file)
			original := mustRender(t, c, recipe)
			rendered := 0
			for key := range recipe {
				if properties[key].Ignored != nil || key == "recipe_mode" {
					continue
				}
				for _, leaf := range stringLeaves("/"+key, recipe[key], func(v any) { recipe[key] = v }) {
					rendered += attack(t, c, accepts, recipe, leaf, original)
				}
			}
			if rendered == 0 {
				t.Error("no hostile string got through the schema, so nothing was tested")
			}
		})
	}
}

// attack puts the hostile strings into one leaf of a recipe, whose manifests are
// original, and returns how many of them are rendered. It renders them together,
// because most of the time of one rendering is the parsing of the templates.
func attack(t *testing.T, c *render.Chart, accepts func(any) error, recipe map[string]any, leaf stringLeaf, original render.Manifests) int {
	t.Helper()
	defer leaf.set(leaf.value)
	shown := holds(t, original, leaf.pointer, leaf.value) // some keys only choose, or become a name
	want := shape(t, original)
	var texts []string
	var variants []map[string]any
	for _, text := range hostile() {
		if text == "" && strings.HasPrefix(leaf.pointer, "/cluster/") {
			continue // there it means that nothing is set
		}
		leaf.set(text)
		if accepts(recipe) != nil {
			continue
		}
		texts, variants = append(texts, text), append(variants, runtime.DeepCopyJSON(recipe))
	}
	rendered := 0
	for i, result := range c.RenderAll(variants) {
		if errors.As(result.Err, new(*render.RuleError)) {
			continue
		}
		if result.Err != nil {
			t.Errorf("%s = %.40q: %v", leaf.pointer, texts[i], result.Err)
			continue
		}
		rendered++
		if diff := cmp.Diff(want, shape(t, result.Manifests)); diff != "" {
			t.Errorf("%s = %.40q changes the objects' shape (-want +got):\n%s", leaf.pointer, texts[i], diff)
		}
		if shown && !holds(t, result.Manifests, leaf.pointer, texts[i]) {
			t.Errorf("%s = %.40q is not in the objects", leaf.pointer, texts[i])
		}
	}
	return rendered
}

// stringLeaf is a string somewhere in a recipe, and how to replace it there.
type stringLeaf struct {
	pointer, value string
	set            func(any)
}

func stringLeaves(pointer string, value any, set func(any)) []stringLeaf {
	var leaves []stringLeaf
	switch v := value.(type) {
	case string:
		leaves = append(leaves, stringLeaf{pointer, v, set})
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			leaves = append(leaves, stringLeaves(pointer+"/"+key, v[key], func(item any) { v[key] = item })...)
		}
	case []any:
		for i := range v {
			if i > 0 && i < len(v)-1 {
				continue // the template treats all items alike, save perhaps the first and the last
			}
			leaves = append(leaves, stringLeaves(fmt.Sprint(pointer, "/", i), v[i], func(item any) { v[i] = item })...)
		}
	}
	return leaves
}

// shape is the set of field paths of the objects, each with its kind.
func shape(t *testing.T, m render.Manifests) map[string]bool {
	t.Helper()
	paths := map[string]bool{}
	walk(t, m, func(path string, value any) { paths[fmt.Sprintf("%s %T", path, value)] = true })
	return paths
}

// partOf are the keys whose text becomes a part of a longer one.
var partOf = regexp.MustCompile(`^/(recipe_container_command(_args)?/|service_endpoint_subdomain|cluster/ingress/domain|recipe_pod_autoscaling_params/(scaling_metric|collect_metrics_timespan)|pvcs/volumes/\d+/name|input_object_storage/\d+/(in|ex)clude/|recipe_configmaps/\d+/name|team/quotas/\d+/mem_)`)

// holds tells whether a string of the objects is exactly text, or has it where
// the key is one of partOf.
func holds(t *testing.T, m render.Manifests, pointer, text string) bool {
	t.Helper()
	part, found := partOf.MatchString(pointer), false
	walk(t, m, func(_ string, value any) {
		s, ok := value.(string)
		found = found || ok && (s == text || part && strings.Contains(unescaped(s), unescaped(text)))
	})
	return found
}

// unescaped drops what keeps characters from being special in rclone's patterns.
func unescaped(text string) string { return strings.ReplaceAll(text, `\`, "") }

// freeKeys are the maps whose keys are text of the recipe, too.
var freeKeys = []string{"labels", "annotations", "matchLabels", "nodeSelector", "nodeLabels", "data"}

// walk calls visit for everything in the objects that is no map and no list.
func walk(t *testing.T, m render.Manifests, visit func(path string, value any)) {
	t.Helper()
	objects, err := m.Objects()
	if err != nil {
		t.Fatalf("%v in:\n%s", err, m)
	}
	var descend func(path string, value any)
	descend = func(path string, value any) {
		switch v := value.(type) {
		case map[string]any:
			free := slices.Contains(freeKeys, path[strings.LastIndex(path, "/")+1:])
			for key, item := range v {
				if free {
					visit(path+"/", key)
					key = "*"
				}
				descend(path+"/"+key, item)
			}
		case []any:
			for i, item := range v {
				descend(fmt.Sprint(path, "/", i), item)
			}
		default:
			visit(path, value)
		}
	}
	for _, object := range objects {
		descend(object.GetKind(), object.Object)
	}
}
