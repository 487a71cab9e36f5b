package render_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// newRenderer renders for one namespace, and reads for itself.
func newRenderer(t testing.TB, namespace string) (*render.Renderer, *recipe.Reader) {
	t.Helper()
	c := loadChart(t)
	schema, err := recipe.CompileSchema(c.Schema())
	if err != nil {
		t.Fatal(err)
	}
	return &render.Renderer{Chart: c, Schema: schema, Namespace: namespace}, recipe.NewReader(schema)
}

// sets reads files that a test spells out: a.json, b.json and so on.
func sets(t testing.TB, reader *recipe.Reader, texts ...string) []*recipe.Set {
	t.Helper()
	var all []*recipe.Set
	for i, text := range texts {
		doc, err := source.Parse(string(rune('a'+i))+".json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		found, problems := reader.Load(doc)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		all = append(all, found...)
	}
	return all
}

// group is a file with a group, each member on a line of its own.
func group(members ...string) string {
	return `{"deployment_group": {"name": "g", "deployments": [` + "\n" + strings.Join(members, ",\n") + "\n]}}"
}

// member is a service with all exports; more holds keys of its recipe.
func member(name, more string) string {
	return fmt.Sprintf(`{"name": %q, "exports": ["service_name", "internal_dns_name", "service_url"], "recipe": {"recipe_mode": "service",`+
		` "deployment_name": %q, "recipe_image_uri": "i", "recipe_container_port": 80, %s}}`, name, "My "+name, more)
}

// referring has one variable for each export of a member.
func referring(name string) string {
	return strings.ReplaceAll(`"recipe_container_env": [{"key": "NAME", "value": "${X.service_name}"}, {"key": "DNS", "value": "${X.internal_dns_name}:80"}, {"key": "URL", "value": "${X.service_url}/v1"}]`, "X", name)
}

const (
	overHTTP  = `"recipe_readiness_probe_params": {"endpoint_path": "/"}, "service_endpoint_subdomain": "db", "cluster": {"ingress": {"domain": "example.com"}}`
	overHTTPS = `"recipe_readiness_probe_params": {"endpoint_path": "/"}, "service_endpoint_subdomain": "api", "cluster": {"ingress": {"domain": "example.com", "clusterIssuer": "x"}}`
)

// told is every fault and warning, a line each.
func told(rendered []*render.Rendered) (problems, warnings string) {
	var allFaults, allWarnings source.Errors
	for _, r := range rendered {
		allFaults, allWarnings = append(allFaults, r.Errors...), append(allWarnings, r.Warnings...)
	}
	_, _ = allFaults.Sorted(), allWarnings.Sorted()
	return allFaults.Error(), allWarnings.Error()
}

func TestReferencesBecomeWhatMembersAreCalled(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "models")
	rendered := r.Render(sets(t, reader, group(member("web", referring("api")), member("api", overHTTPS+", "+referring("db")), member("db", overHTTP))))
	if problems, warnings := told(rendered); problems+warnings != "" {
		t.Fatal(problems, warnings)
	}
	var got []string
	for _, made := range rendered {
		got = append(got, made.Manifests.Name())
		for line := range strings.Lines(made.Manifests.String()) {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), "value: "); ok {
				got = append(got, value)
			}
		}
	}
	want := []string{
		"recipe-my-db",
		"recipe-my-api", `"recipe-my-db"`, `"recipe-my-db.models.svc.cluster.local:80"`, `"http://db.example.com/v1"`,
		"recipe-my-web", `"recipe-my-api"`, `"recipe-my-api.models.svc.cluster.local:80"`, `"https://api.example.com/v1"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestExportsThatAMemberDoesNotHave(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	job := `{"name": "job", "exports": ["service_name", "internal_dns_name"], "recipe": {"recipe_mode": "job", "deployment_name": "j", "recipe_image_uri": "i"}}`
	problems, _ := told(r.Render(sets(t, reader, group(
		member("web", `"recipe_container_command_args": ["${job.service_name}", "${db.service_url}", "${job.internal_dns_name}"]`),
		job, member("db", `"recipe_replica_count": 1`)))))
	const at = "a.json:2:%d: /deployment_group/deployments/0/recipe/recipe_container_command_args/%d: "
	want := fmt.Sprintf(at+"job has no service_name, because it has no Service [unset-export]\n", 236, 0) +
		fmt.Sprintf(at+"db has no service_url, because it has no Ingress with a host; use internal_dns_name [unset-export]\n", 259, 1) +
		fmt.Sprintf(at+"job has no internal_dns_name, because it has no Service [unset-export]", 280, 2)
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A member that can't be rendered hides nothing that is wrong with those that
// refer to it, and makes up no faults in them.
func TestFaultsOfOneMemberDoNotHideOthers(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	broken := member("db", `"recipe_nvidia_gpu_count": 1, "recipe_amd_gpu_count": 1`)
	rendered := r.Render(sets(t, reader, group(
		member("web", `"recipe_host_port": "hunter2", `+referring("api")), member("api", referring("db")), broken)))
	problems, _ := told(rendered)
	var rules []string
	for line := range strings.Lines(problems) {
		rules = append(rules, line[strings.LastIndex(line, "["):])
	}
	if diff := cmp.Diff("[pattern]\n[mixed-gpu-vendors]", strings.Join(rules, "")); diff != "" || strings.Contains(problems, "hunter2") {
		t.Errorf("%s\n%s", problems, diff)
	}
	for _, made := range rendered {
		if text := made.Manifests.String(); strings.TrimSpace(text) != "" || made.Values != nil {
			t.Errorf("a recipe that rests on a broken one was rendered:\n%s", text)
		}
	}
}

func TestNamesThatClash(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	one := `{"recipe_mode": "job", "deployment_name": "Same name", "recipe_image_uri": "i"}`
	other := strings.Replace(one, "Same name", "same-name", 1)
	inGroup := group(`{"name": "a", "recipe": `+one+`}`, `{"name": "b", "recipe": `+other+`}`)
	const clash = "duplicate name recipe-same-name (first used at a.json:%s) [duplicate-name]\nhint: use different names"
	for _, c := range []struct {
		of    func([]*recipe.Set) []*render.Rendered
		texts []string
		want  string
	}{
		{r.Render, []string{inGroup}, "a.json:3:67: /deployment_group/deployments/1/recipe/deployment_name: " + fmt.Sprintf(clash, "2:67")},
		{r.Check, []string{inGroup}, "a.json:3:67: /deployment_group/deployments/1/recipe/deployment_name: " + fmt.Sprintf(clash, "2:67")},
		{r.Render, []string{one, other}, "b.json:1:43: /deployment_name: " + fmt.Sprintf(clash, "1:43")},
		{r.Check, []string{one, other}, ""},
		{r.Render, []string{one}, ""},
	} {
		problems, _ := told(c.of(sets(t, reader, c.texts...)))
		if diff := cmp.Diff(c.want, problems); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.texts, diff)
		}
	}
}

// TestClashesOfFiles warns of names across calls, which is how many files are
// checked.
func TestClashesOfFiles(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	service := `{"recipe_mode": "service", "deployment_name": "%s", "recipe_image_uri": "i", "recipe_container_port": 80}`
	inGroup := group(`{"name": "m", "recipe": ` + fmt.Sprintf(service, "My app") + `}`)
	all := sets(t, reader, fmt.Sprintf(service, "my app"), fmt.Sprintf(service, "my_app"), inGroup, fmt.Sprintf(service, "MY -- APP"), `{"pre_filled_samples": [`+fmt.Sprintf(service, "my app")+`]}`)
	var names render.Names
	var got []string
	for _, set := range all {
		got = append(got, names.Clashes(r.Check([]*recipe.Set{set})).Error())
	}
	const clash = "deployment_name: duplicate name recipe-my-app (first used at a.json:1:47), so a namespace can have only one of them [duplicate-name]"
	want := []string{"", "", "c.json:2:71: /deployment_group/deployments/0/recipe/" + clash, "d.json:1:47: /" + clash, ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLongNames has names of 70 characters: they are cut, differ in their hash,
// and over several nodes leave room for what LeaderWorkerSet appends.
func TestLongNames(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	long := strings.Repeat("Llama/3.1_", 7)
	seen := map[string]bool{}
	for _, name := range []string{long, strings.ToLower(long), long + "x"} {
		for more, most := range map[string]int{"": 53, `, "multinode_num_nodes_to_use_from_shared_pool": 2`: 48} {
			recipe := parse(t, `{"recipe_mode": "service", "deployment_name": "`+name+`", "recipe_image_uri": "i", "recipe_container_port": 80`+more+`}`)
			got := mustRender(t, c, recipe).Name()
			if len(got) != most || seen[got] || !strings.HasPrefix(got, "recipe-llama31llama31llama31") {
				t.Errorf("%s%s: want a name of %d characters of its own, got %q (%d)", name, more, most, got, len(got))
			}
			seen[got] = true
		}
	}
}

// Whoever is waited for should say when it is ready. Jobs do by their end.
func TestUnprobedMembersAreWarnedOf(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	const job = `{"name": "job", "recipe": {"recipe_mode": "job", "deployment_name": "j", "recipe_image_uri": "i"}}`
	probed := `"recipe_readiness_probe_params": {"endpoint_path": "/"}`
	waiting := strings.Replace(member("web", referring("db")), `"exports"`, `"depends_on": ["job", "probed", "bare"], "exports"`, 1)
	waiting = strings.ReplaceAll(waiting, "service_url}", "service_name}")
	_, warnings := told(r.Render(sets(t, reader, group(waiting, member("db", probed), job, member("probed", probed), member("bare", `"recipe_replica_count": 1`), member("last", `"recipe_replica_count": 1`)))))
	want := "a.json:6:93: /deployment_group/deployments/4/recipe: other members depend on it, but it has no readiness probe and is ready as soon as its container runs [missing-readiness-probe]"
	if diff := cmp.Diff(want, warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNamesInNamespaceDefaultAreRightThere(t *testing.T) {
	t.Parallel()
	text := portless + `, "recipe_container_env": [{"key": "A", "value": "http://recipe-x.default.svc.cluster.local"}]}`
	for namespace, want := range map[string]bool{"default": false, "models": true} {
		r, reader := newRenderer(t, namespace)
		_, warnings := told(r.Render(sets(t, reader, text)))
		if strings.Contains(warnings, "[default-namespace]") != want {
			t.Errorf("namespace %s: %s", namespace, warnings)
		}
	}
}

// What a name, a namespace or a host may hold can't end a text in YAML, so a
// group can't be made to say something else through its exports.
func TestExportsAreNames(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	hostile := strings.Replace(member("db", overHTTP), `"My db"`, `"\"\n- x: {{ 1 }} ${a.b}: #"`, 1)
	hostile = strings.Replace(hostile, "${a.b}", "$${a.b}", 1)
	rendered := r.Render(sets(t, reader, group(member("web", referring("db")), hostile)))
	if problems, _ := told(rendered); problems != "" {
		t.Fatal(problems)
	}
	objects, err := rendered[1].Manifests.Objects()
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) == 0 {
		t.Fatal("rendered no objects")
	}
	for _, o := range objects {
		text, _ := o.MarshalJSON()
		if strings.ContainsAny(string(text), "#") || strings.Contains(string(text), "{{") {
			t.Errorf("%s", text)
		}
	}
}

// Values of the cluster go over the recipe's own, and leave the recipe alone.
func TestValuesGoOverTheRecipes(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	r.Values = map[string]any{"cluster": map[string]any{"ingress": map[string]any{"domain": "example.org"}}}
	rendered := r.Render(sets(t, reader, group(member("web", referring("api")), member("api", overHTTPS+`, "recipe_replica_count": 1`), member("db", overHTTP))))
	if problems, _ := told(rendered); problems != "" {
		t.Fatal(problems)
	}
	if text := rendered[2].Manifests.String(); !strings.Contains(text, `"https://api.example.org/v1"`) {
		t.Errorf("want the flag's domain with the recipe's issuer in\n%s", text)
	}
	if len(r.Values["cluster"].(map[string]any)["ingress"].(map[string]any)) != 1 {
		t.Errorf("one recipe's values got into those for all: %v", r.Values)
	}
}

func TestGroupsGiveGoldenManifests(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(repository + "/testdata/groups/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("want groups in testdata, got %d (%v)", len(files), err)
	}
	r, reader := newRenderer(t, "default")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rendered := r.Render(sets(t, reader, string(data)))
		if problems, _ := told(rendered); problems != "" {
			t.Fatal(problems)
		}
		var got strings.Builder
		for _, made := range rendered {
			got.Write(made.Manifests.YAML())
		}
		checkGolden(t, strings.TrimSuffix(file, ".json")+".yaml", got.String())
	}
}
