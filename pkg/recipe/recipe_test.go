package recipe_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

func loadSchema(t testing.TB) *recipe.Schema {
	t.Helper()
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := recipe.CompileSchema(chart.Schema())
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func load(t testing.TB, name, text string) *recipe.Recipe {
	t.Helper()
	doc, err := source.Parse(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	sets, problems := recipe.NewReader(loadSchema(t)).Load(doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return sets[0].Recipes[0]
}

// TestValidate pins the words of every kind of fault. No message may hold
// "hunter2", which stands for a value.
func TestValidate(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	const head = `{"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "b", "recipe_container_port": 80` + ",\n"
	for _, c := range []struct{ name, text, want string }{
		{"good", head + `"recipe_replica_count": 2}`, ""},
		{"unknown key, near", head + `"recipe_replica_cuont": 2}`, "a.json:2:1: /recipe_replica_cuont: unknown key; did you mean \"recipe_replica_count\"? [unknown-key]"},
		{"unknown key, far", head + `"x": 2}`, "a.json:2:1: /x: unknown key [unknown-key]"},
		{"accelerator", head + `"recipe_gaudi_count": 1}`,
			"a.json:2:1: /recipe_gaudi_count: unknown key; only NVIDIA and AMD GPUs are supported; use recipe_nvidia_gpu_count, recipe_amd_gpu_count or mig_resource_request [unknown-key]"},
		{"GPUs of no vendor", head + `"recipe_gpu_count": 1}`, "a.json:2:1: /recipe_gpu_count: unknown key; use recipe_nvidia_gpu_count or recipe_amd_gpu_count [unknown-key]"},
		{"network device", head + `"recipe_efa_count": 1}`, "a.json:2:1: /recipe_efa_count: unknown key; network devices and huge pages are not supported [unknown-key]"},
		{"runtime class", head + `"runtimeClassName": "nvidia"}`,
			"a.json:2:1: /runtimeClassName: unknown key; the RuntimeClass is a cluster setting; use --set cluster.runtimeClassName=NAME [unknown-key]"},
		{"near an accelerator", head + `"multinode_rdma_enabled_in_shared_pol": true}`,
			"a.json:2:1: /multinode_rdma_enabled_in_shared_pol: unknown key; did you mean \"multinode_rdma_enabled_in_shared_pool\"? [unknown-key]"},
		{"refused key", head + `"recipe_node_labels": {}}`, "a.json:2:1: /recipe_node_labels: "},
		{"wrong type", head + `"recipe_replica_count": "hunter2"}`, "a.json:2:25: /recipe_replica_count: must be an integer, got a string [type]"},
		{"null", head + `"recipe_replica_count": null}`, "a.json:2:25: /recipe_replica_count: must be an integer, got null [type]"},
		{"too small", head + `"recipe_replica_count": -1}`, "a.json:2:25: /recipe_replica_count: must be at least 0 [range]"},
		{"port as text", head + `"recipe_host_port": "hunter2"}`, "a.json:2:21: /recipe_host_port: must be a port from 1 to 65535 [pattern]"},
		{"port as boolean", head + `"recipe_host_port": true}`, "a.json:2:21: /recipe_host_port: must be a port from 1 to 65535, got a boolean [type]"},
		{"port too large", head + `"recipe_host_port": 65536}`, "a.json:2:21: /recipe_host_port: must be at most 65535 [range]"},
		{"digits lost", head + `"recipe_container_env": [{"key": "A", "value": 9007199254740993}]}`, "a.json:2:48: /recipe_container_env/0/value: must be at most 9007199254740991 [range]"},
		{"key of a secret", head + `"recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "hunter2_", "secret_key": "k"}]}`,
			"a.json:2:68: /recipe_environment_secrets/0/secret_name: must be a Secret name of lower-case letters, digits, dashes and dots [pattern]"},
		{"missing in a list", head + `"recipe_environment_secrets": [{"envvar_name": "A"}]}`,
			"a.json:2:32: /recipe_environment_secrets/0: secret_name is required [missing-key]\na.json:2:32: /recipe_environment_secrets/0: secret_key is required [missing-key]"},
		{"mode misspelt", `{"recipe_mode": "sevrice", "deployment_name": "a"}`, `a.json:1:17: /recipe_mode: must be "service", "job" or "team"; did you mean "service"? [enum]`},
		{"mode unknown", `{"recipe_mode": "hunter2", "deployment_name": "a"}`, `a.json:1:17: /recipe_mode: must be "service", "job" or "team" [enum]`},
		{"mode refused", `{"recipe_mode": "update", "deployment_name": "a"}`, "a.json:1:17: /recipe_mode: "},
		{"required by mode", `{"recipe_mode": "service", "deployment_name": "a"}`, "a.json:1:1: recipe_image_uri is required [missing-key]\na.json:1:1: recipe_container_port is required [missing-key]"},
		{"all missing", `{}`, "a.json:1:1: recipe_mode is required [missing-key]\na.json:1:1: deployment_name is required [missing-key]"},
		{"not for jobs", `{"recipe_mode": "job", "deployment_name": "a", "recipe_image_uri": "b", "recipe_host_port": 1}`,
			"a.json:1:73: /recipe_host_port: jobs have no Service; remove this key or use recipe_mode service [unsupported-key]"},
		{"several, by place", "{\"recipe_mode\": 1,\n\"deployment_name\": 2}", "a.json:1:17: /recipe_mode: must be a string, got a number [type]\na.json:2:20: /deployment_name: must be text with at least one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			got = schema.Validate(load(t, "a.json", c.text)).Error()
			if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if strings.Contains(got, "hunter2") {
				t.Errorf("quotes a value: %s", got)
			}
		})
	}
}

func TestLoadWantsAnObject(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`[]`:     "a.json:1:1: must be a recipe (an object with recipe_mode and deployment_name), got an array",
		` ["a"]`: "a.json:1:2: must be a recipe",
	} {
		doc, err := source.Parse("a.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, problems := recipe.NewReader(loadSchema(t)).Load(doc); !strings.HasPrefix(problems.Error(), want) {
			t.Errorf("%s: got %v", text, problems)
		}
	}
}

// TestRefusedModeIsTheOnlyError expects no errors about the keys of a refused mode.
func TestRefusedModeIsTheOnlyError(t *testing.T) {
	t.Parallel()
	r := load(t, "a.json", `{"recipe_node_labels": {}, "x": 1, "recipe_mode": "update", "deployment_name": 1}`)
	problems := loadSchema(t).Validate(r)
	if len(problems) != 1 || problems[0].Rule != "unsupported-mode" || problems[0].Pointer != "/recipe_mode" {
		t.Errorf("got %v", problems)
	}
}

func TestIgnored(t *testing.T) {
	t.Parallel()
	r := load(t, "a.json", `{"$schema": "x", "recipe_node_pool_size": 1, "recipe_mode": "job", "recipe_availability_domain": "b"}`)
	other := load(t, "a.json", `{"recipe_node_pool_size": 2, "recipe_node_shape": "s", "recipe_node_boot_volume_size_in_gbs": 1}`)
	one := load(t, "a.json", `{"recipe_node_pool_size": 2}`)
	schema := loadSchema(t)
	for _, c := range []struct {
		recipes []*recipe.Recipe
		most    int
		want    string
	}{
		{[]*recipe.Recipe{r, other}, 0, "a.json:1:18: 3 keys have no effect outside OCI: recipe_availability_domain, recipe_node_boot_volume_size_in_gbs, recipe_node_pool_size [ignored-keys]"},
		{[]*recipe.Recipe{r, other}, 2, "a.json:1:18: 3 keys have no effect outside OCI: recipe_availability_domain, recipe_node_boot_volume_size_in_gbs and 1 more [ignored-keys]"},
		{[]*recipe.Recipe{r}, 2, "a.json:1:18: 2 keys have no effect outside OCI: recipe_availability_domain, recipe_node_pool_size [ignored-keys]"},
		{[]*recipe.Recipe{one}, 1, "a.json:1:2: 1 key has no effect outside OCI: recipe_node_pool_size [ignored-keys]"},
	} {
		if diff := cmp.Diff(c.want, schema.Ignored(c.recipes, c.most).Error()); diff != "" {
			t.Error(diff)
		}
	}
	if warning := schema.Ignored([]*recipe.Recipe{load(t, "a.json", `{"recipe_mode": "job"}`)}, 0); warning != nil {
		t.Errorf("got %v", warning)
	}
}

// TestNumbersThatLoseTheirSpelling warns where a number becomes a text, and
// only there. The variable is not what the file says.
func TestNumbersThatLoseTheirSpelling(t *testing.T) {
	t.Parallel()
	text := `recipe_mode: job
deployment_name: a
recipe_image_uri: b
recipe_container_port: 0x50
recipe_replica_count: 1.0
recipe_container_env:
  - {key: MODE, value: 010}
  - {key: VERSION, value: 12.0}
  - {key: COUNT, value: 1000000}
  - {key: TEXT, value: "010"}
`
	r := load(t, "a.yaml", text)
	if problems := loadSchema(t).Validate(r); len(problems) > 0 {
		t.Fatal(problems)
	}
	const lost = "is a number, whose spelling is not kept [number-format]\nhint: put it in quotes"
	want := "a.yaml:7:24: /recipe_container_env/0/value: " + lost + "\na.yaml:8:27: /recipe_container_env/1/value: " + lost
	if diff := cmp.Diff(want, loadSchema(t).Warnings(r).Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// recipeFiles returns the sample recipes, of which there is at least one.
func recipeFiles(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/recipes/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no recipes in testdata", err)
	}
	return files
}

// TestValuesAreHelms holds that the chart sees the same values here as when
// helm reads the file.
func TestValuesAreHelms(t *testing.T) {
	t.Parallel()
	for _, file := range recipeFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]any
		if err := yaml.Unmarshal(text, &want); err != nil { // as helm's values.Options does
			t.Fatal(err)
		}
		asYAML, err := yaml.JSONToYAML(text)
		if err != nil {
			t.Fatal(err)
		}
		for name, form := range map[string][]byte{file: text, file + ".yaml": asYAML} {
			if diff := cmp.Diff(want, load(t, name, string(form)).Values()); diff != "" {
				t.Errorf("%s (-helm +values):\n%s", name, diff)
			}
		}
	}
}

func TestTestdataIsValid(t *testing.T) {
	t.Parallel()
	schema := loadSchema(t)
	for _, file := range recipeFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(load(t, file, string(text))); len(err) > 0 {
			t.Error(err)
		}
	}
}

// FuzzValidate holds that no recipe makes the validation panic, and that a
// value never gets into a message.
func FuzzValidate(f *testing.F) {
	schema := loadSchema(f)
	reader := recipe.NewReader(schema)
	for _, file := range recipeFiles(f) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(`{"deployment_group": {"name": "hunter2", "deployments": [{"name": "a", "depends_on": ["hunter2", 1], "exports": ["hunter2"], "recipe": {"recipe_mode": "${hunter2.x}", "deployment_name": "${a.hunter2}"}}]}}`)
	f.Add(`{"recipe_mode": "hunter2", "deployment_name": ["hunter2"], "recipe_container_env": [{"key": "hunter2", "value": {"hunter2": 1}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := source.Parse("a.json", []byte(text))
		if err != nil {
			return
		}
		sets, problems := reader.Load(doc)
		for _, set := range sets {
			for _, r := range set.Recipes {
				problems = append(append(problems, schema.Validate(r)...), schema.Warnings(r)...)
			}
			set.DeployWaves()
		}
		err = problems
		if !strings.Contains(err.Error(), "hunter2") {
			return
		}
		// Members of a group are called by their names, as values by their keys.
		if keys, _ := json.Marshal(keysOf(doc.Root)); !strings.Contains(string(keys), "hunter2") {
			t.Errorf("quotes a value: %v", err)
		}
	})
}

func keysOf(n *source.Node) []string {
	var keys []string
	for _, m := range n.Members {
		keys = append(append(keys, m.Key), keysOf(m.Value)...)
		if m.Key == "name" && m.Value.Kind == source.String {
			keys = append(keys, m.Value.Text())
		}
	}
	for _, item := range n.Items {
		keys = append(keys, keysOf(item)...)
	}
	return keys
}

func BenchmarkValidate(b *testing.B) {
	schema := loadSchema(b)
	text, err := os.ReadFile("../../testdata/recipes/nim-service.json")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := schema.Validate(load(b, "a.json", string(text))); len(err) > 0 {
			b.Fatal(err)
		}
	}
}
