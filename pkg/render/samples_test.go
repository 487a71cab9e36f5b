package render_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// refusedFiles returns the samples that the schema refuses, of which there is
// at least one.
func refusedFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(repository + "/testdata/refused/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no refused recipes in testdata (%v)", err)
	}
	return files
}

// TestRefusedRecipesGiveGoldenErrors compares the errors of each refused recipe
// with the .err file beside it.
func TestRefusedRecipesGiveGoldenErrors(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	for _, file := range refusedFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := source.Parse(filepath.Base(file), data)
		if err != nil {
			t.Fatal(err)
		}
		sets, problems := reader.Load(doc)
		for _, rendered := range r.Render(sets) {
			problems = append(problems, rendered.Errors...)
		}
		if len(problems) == 0 {
			t.Errorf("%s is accepted", file)
			continue
		}
		checkGolden(t, strings.TrimSuffix(file, ".json")+".err", problems.Sorted().Error()+"\n")
	}
}

// TestSamplesHaveEveryKey checks that each key of the schema, at every depth, is
// set in a sample recipe, and each refused key and mode in a refused one.
func TestSamplesHaveEveryKey(t *testing.T) {
	t.Parallel()
	set := map[string]bool{}
	for _, file := range recipeFiles(t) {
		addShapes(set, "", readRecipe(t, file))
	}
	top := readSchema(t)
	var check func(path string, s schema)
	check = func(path string, s schema) {
		for key, property := range s.Properties {
			if !set[path+"/"+key] {
				t.Errorf("no file of testdata/recipes sets %s/%s", path, key)
			}
			check(path+"/"+key, property)
		}
		if s.Items != nil {
			check(path, *s.Items)
		}
	}
	check("", top)

	refused, modes := map[string]bool{}, map[string]bool{}
	for _, file := range refusedFiles(t) {
		recipe := readRecipe(t, file)
		addShapes(refused, "", recipe)
		modes[fmt.Sprint(recipe["recipe_mode"])] = true
	}
	for key := range top.Refused {
		if !refused["/"+key] {
			t.Errorf("no file of testdata/refused sets %s", key)
		}
	}
	for mode := range top.Properties["recipe_mode"].Refused {
		if !modes[mode] {
			t.Errorf("no file of testdata/refused has the mode %s", mode)
		}
	}
}

// TestSamplesHaveTheShapesOfThePublicOnes checks that the keys of the public
// recipes and groups, each with the type of its value, occur in samples of our
// own, and so do their modes and lists with several items.
func TestSamplesHaveTheShapesOfThePublicOnes(t *testing.T) {
	t.Parallel()
	corpus.Dir(t, "recipes")
	own := map[string]bool{}
	for _, file := range append(recipeFiles(t), refusedFiles(t)...) {
		addShapes(own, "", readRecipe(t, file))
	}
	groups, err := filepath.Glob(repository + "/testdata/groups/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range groups {
		addShapes(own, "", readRecipe(t, file))
	}
	compared := 0
	for _, file := range append(corpus.Files(t, "recipes"), corpus.Files(t, "groups")...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var recipe map[string]any
		if json.Unmarshal(data, &recipe) != nil {
			continue // a fault of the public file
		}
		compared++
		public := map[string]bool{}
		addShapes(public, "", recipe)
		for shape := range public {
			if !own[shape] {
				t.Errorf("no sample of our own has %q, as %s does", shape, filepath.Base(file))
			}
		}
	}
	if compared < 50 {
		t.Errorf("compared %d public samples, want at least 50", compared)
	}
}

// addShapes adds the path of each key in value, the path with the type of its
// value, and for a list whether it has one item or several. A mode counts as a
// type, because it decides what a recipe becomes. The recipe of a group's member
// has the paths of any other recipe.
func addShapes(shapes map[string]bool, path string, value any) {
	path = strings.TrimPrefix(path, "/deployment_group/deployments/recipe")
	kind := fmt.Sprintf("%T", value)
	if path == "/recipe_mode" {
		kind = fmt.Sprint(value)
	}
	shapes[path] = true
	shapes[path+" "+kind] = true
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			addShapes(shapes, path+"/"+key, item)
		}
	case []any:
		if len(v) > 1 {
			shapes[path+" several"] = true
		}
		for _, item := range v {
			addShapes(shapes, path, item)
		}
	}
}
