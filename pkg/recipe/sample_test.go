package recipe_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

const catalog = `{"blueprint_id": "x", "pre_filled_samples": [
{"pre_filled_sample_name": "Small one", "deployment_name": "small"},
{"pre_filled_sample_name": "Twice", "deployment_name": "b"},
{"pre_filled_sample_name": "Twice", "deployment_name": "c"},
{"pre_filled_sample_name": "1", "deployment_name": "called-1"},
{"deployment_name": "e"},
{"pre_filled_sample_name": "A group", "deployment_group": {"name": "g", "deployments": [{"name": "m", "recipe": {"deployment_name": "in-group"}}]}}
]}`

func TestPick(t *testing.T) {
	t.Parallel()
	const listed = ` 1. Small one, 2. Twice, 3. Twice, 4. 1, 5. (no name), 6. A group`
	for _, c := range []struct{ text, sample, want string }{
		{catalog, "Small one", "small"},
		{catalog, "2", "b"},
		{catalog, "6", "in-group"},
		{catalog, "A group", "in-group"},
		{catalog, "1", "called-1"}, // a name goes before a number
		{catalog, "", "a.json:1:45: /pre_filled_samples: file has 6 samples [sample]\nhint: choose one with --sample NAME or --sample NUMBER:" + listed},
		{catalog, "Twice", "a.json:1:45: /pre_filled_samples: 2 samples are named \"Twice\" [sample]\nhint: choose one by its number:" + listed},
		{catalog, "small won", "a.json:1:45: /pre_filled_samples: sample \"small won\" not found; did you mean \"Small one\"? [sample]\nhint: choose one of:" + listed},
		{catalog, "7", "a.json:1:45: /pre_filled_samples: sample \"7\" not found [sample]\nhint: choose one of:" + listed},
		{catalog, "0", "a.json:1:45: /pre_filled_samples: sample \"0\" not found [sample]\nhint: choose one of:" + listed},
		{`{"pre_filled_samples": [{"deployment_name": "only"}]}`, "", "only"},
		{`{"deployment_name": "single"}`, "", "single"},
		{`{"deployment_name": "single"}`, "1", "a.json:1:1: file has no samples [sample]\nhint: remove --sample"},
	} {
		if diff := cmp.Diff(c.want, selected(t, c.text, c.sample)); diff != "" {
			t.Errorf("--sample %q (-want +got):\n%s", c.sample, diff)
		}
	}
}

// selected returns the deployment_name of a sample, or the error.
func selected(t *testing.T, text, sample string) string {
	t.Helper()
	doc, err := source.Parse("a.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	sets, problems := recipe.NewReader(loadSchema(t)).Load(doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	set, problem := recipe.Select(doc, sets, sample)
	if problem != nil {
		return problem.Error()
	}
	name, _ := set.Recipes[0].Values()["deployment_name"].(string)
	return name
}

const catalogList = `[
{"blueprint_title": "Tuning", "pre_filled_samples": [
{"pre_filled_sample_name": "Small one", "deployment_name": "small"},
{"pre_filled_sample_name": "Twice", "deployment_name": "b"}]},
{"blueprint_title": "Not for clusters", "pre_filled_samples": []},
{"blueprint_title": "Check", "pre_filled_samples": [
{"pre_filled_sample_name": "Twice", "deployment_name": "c"}]}
]`

// TestPickFromList finds samples across the entries of a list.
func TestPickFromList(t *testing.T) {
	t.Parallel()
	const listed = ` 1. Small one (Tuning), 2. Twice (Tuning), 3. Twice (Check)`
	for _, c := range []struct{ text, sample, want string }{
		{catalogList, "Small one", "small"},
		{catalogList, "3", "c"},
		{catalogList, "Check", "c"},
		{catalogList, "", "a.json:1:1: file has 3 samples [sample]\nhint: choose one with --sample NAME or --sample NUMBER:" + listed},
		{catalogList, "Twice", "a.json:1:1: 2 samples are named \"Twice\" [sample]\nhint: choose one by its number:" + listed},
		{catalogList, "Tuning", "a.json:1:1: 2 samples are named \"Tuning\" [sample]\nhint: choose one by its number:" + listed},
		{catalogList, "Chekc", "a.json:1:1: sample \"Chekc\" not found; did you mean \"Check\"? [sample]\nhint: choose one of:" + listed},
		{catalogList, "4", "a.json:1:1: sample \"4\" not found [sample]\nhint: choose one of:" + listed},
		{`[{"pre_filled_samples": [{"deployment_name": "only"}]}]`, "", "only"},
	} {
		if diff := cmp.Diff(c.want, selected(t, c.text, c.sample)); diff != "" {
			t.Errorf("--sample %q (-want +got):\n%s", c.sample, diff)
		}
	}
}

func TestLoadTellsFaultsOfCatalogs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"pre_filled_samples": []}`:                  "a.json:1:24: /pre_filled_samples: must be a list of recipes [shape]",
		`{"pre_filled_samples": {"hunter2": 1}}`:      "a.json:1:24: /pre_filled_samples: must be a list of recipes [shape]",
		`{"pre_filled_samples": [{}, "hunter2", {}]}`: "a.json:1:29: /pre_filled_samples/1: must be a recipe or a deployment_group, got a string [shape]",
		`[{"pre_filled_samples": []}]`:                "a.json:1:1: must have at least one sample in pre_filled_samples [shape]",
		`[{"pre_filled_samples": 1}, {"blueprint_title": "hunter2"}, 2]`: "a.json:1:25: /0/pre_filled_samples: must be a list of recipes [shape]\n" +
			"a.json:1:29: /1: must be a catalog entry: an object with pre_filled_samples [shape]\n" +
			"a.json:1:61: /2: must be a catalog entry: an object with pre_filled_samples [shape]",
		`[{"recipe_mode": "job"}]`: "a.json:1:1: must be a recipe (an object with recipe_mode and deployment_name), got an array [shape]",
		`{"pre_filled_samples": [{"deployment_group": {"name": "g", "deployments": [{"name": "a", "depends_on": ["b"], "recipe": {}}]}}]}`: "a.json:1:105: " +
			"/pre_filled_samples/0/deployment_group/deployments/0/depends_on/0: no member of the group has this name [unknown-member]",
	} {
		sets, problems := loadSets(t, text)
		if diff := cmp.Diff(want, problems.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
		if strings.Contains(text, "{}, ") && len(sets) != 2 {
			t.Errorf("the good samples are read in spite of a bad one: got %d", len(sets))
		}
	}
}

// The recipe of a sample is judged at its place in the file.
func TestSamplesKeepTheirPlace(t *testing.T) {
	t.Parallel()
	sets, _ := loadSets(t, catalog)
	got := sets[1].Recipes[0].ErrorAt("/deployment_name", "here").Error()
	if diff := cmp.Diff("a.json:3:56: /pre_filled_samples/1/deployment_name: here", got); diff != "" {
		t.Error(diff)
	}
}

// TestIsRecipe tells recipes, groups and catalogs from payloads.
func TestIsRecipe(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"recipe_mode": "service"}`:    true,
		`{"recipe_image_uri": "nginx"}`: true,
		`{"deployment_group": {}}`:      true,
		catalog:                         true,
		`[{"blueprint_id": "x"}, {"pre_filled_samples": []}]`: true,
		`[{"name": "a", "action": "create"}]`:                 false,
		`{"secrets_payload": []}`:                             false,
		`{"deployment_name": "a"}`:                            false,
		`[]`:                                                  false,
	} {
		doc, err := source.Parse("a.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := recipe.IsRecipe(doc.Root); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}
