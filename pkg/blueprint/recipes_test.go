package blueprint_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// job returns a recipe with a name and more members.
func job(name, more string) string {
	return fmt.Sprintf(`{"recipe_mode": "job", "deployment_name": %q, "recipe_image_uri": "i"%s}`, name, more)
}

// lines returns a line for each workload: wave, file, group, name of the release,
// deployment_name, and whether other members need it.
func lines(t *testing.T, r *blueprint.Recipes) []string {
	t.Helper()
	waves, err := r.Workloads()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for i, wave := range waves {
		for _, w := range wave {
			line := fmt.Sprintf("%d %s %s: %s, %s", i, filepath.Base(w.File), w.Group, w.Name(), w.DeploymentName())
			if w.Needed {
				line += ", needed"
			}
			all = append(all, line)
			if key := w.Values["deployment_name"]; key != w.DeploymentName() || len(w.Objects) == 0 || w.Objects[0].GetName() == "" {
				t.Errorf("%s: has the values of %v and %d objects", w.Name(), key, len(w.Objects))
			}
		}
	}
	return all
}

func TestReadFiles(t *testing.T) {
	t.Parallel()
	path := write(t, map[string]string{"one.json": job("one", ""), "dir/b.yaml": "recipe_mode: job\ndeployment_name: b\nrecipe_image_uri: i\n", "dir/a.json": job("a", ""), "dir/notes.txt": "{"})
	o := blueprint.Options{Files: []string{path("one.json"), path("dir"), "-"}, Stdin: strings.NewReader(job("piped", "")), Namespace: "ns"}
	r, warnings, err := load(t).Read(t.Context(), o)
	if err != nil || len(warnings) > 0 {
		t.Fatalf("got %v, %v", warnings, err)
	}
	want := []string{
		"0 one.json : recipe-one, one",
		"1 a.json : recipe-a, a",
		"2 b.yaml : recipe-b, b",
		"3 - : recipe-piped, piped",
	}
	if diff := cmp.Diff(want, lines(t, r)); diff != "" {
		t.Errorf("unexpected workloads (-want +got):\n%s", diff)
	}
}

// TestReadOrdersWaves reads a group between two recipes. Its members refer to each
// other, which also makes one depend on another.
func TestReadOrdersWaves(t *testing.T) {
	t.Parallel()
	path := write(t, map[string]string{"first.json": job("first", ""), "last.json": job("last", "")})
	r, _, err := load(t).Read(t.Context(), blueprint.Options{Files: []string{path("first.json"), "../../testdata/groups/shop.json", path("last.json")}, Namespace: "ns"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"0 first.json : recipe-first, first",
		"1 shop.json shop: recipe-shop-db, shop-db, needed",
		"2 shop.json shop: recipe-shop-api, shop-api, needed",
		"2 shop.json shop: recipe-shop-import, shop-import, needed",
		"3 shop.json shop: recipe-shop-web, Shop Web",
		"4 last.json : recipe-last, last",
	}
	if diff := cmp.Diff(want, lines(t, r)); diff != "" {
		t.Errorf("unexpected workloads (-want +got):\n%s", diff)
	}
}

// TestReadSelectsASample reads one of eleven samples. Sample 11, which has errors, is
// index 10, whose pointer begins like that of index 1.
func TestReadSelectsASample(t *testing.T) {
	t.Parallel()
	var samples []string
	for i := range 10 {
		samples = append(samples, job(fmt.Sprintf("s%d", i+1), fmt.Sprintf(`, "pre_filled_sample_name": "sample %d"`, i+1)))
	}
	samples = append(samples, `{"deployment_group": {"name": "g", "deployments": []}, "pre_filled_sample_name": "broken"}`)
	path := write(t, map[string]string{"catalog.json": `{"pre_filled_samples": [` + strings.Join(samples, ",\n") + `]}`})
	b := load(t)
	read := func(sample string) (*blueprint.Recipes, error) {
		r, _, err := b.Read(t.Context(), blueprint.Options{Files: []string{path("catalog.json")}, Sample: sample, Namespace: "ns"})
		return r, err
	}
	for _, sample := range []string{"sample 2", "2"} {
		r, err := read(sample)
		if err != nil {
			t.Fatalf("%s: %v", sample, err)
		}
		if diff := cmp.Diff([]string{"0 catalog.json : recipe-s2, s2"}, lines(t, r)); diff != "" {
			t.Errorf("%s: unexpected workloads (-want +got):\n%s", sample, diff)
		}
	}
	for sample, want := range map[string][]string{
		"broken": {"catalog.json:11:51: /pre_filled_samples/10/deployment_group/deployments:  [length]"},
		"":       {"catalog.json:1:24: /pre_filled_samples:  [sample]", "catalog.json:11:51: /pre_filled_samples/10/deployment_group/deployments:  [length]"},
		"none":   {"catalog.json:1:24: /pre_filled_samples:  [sample]", "catalog.json:11:51: /pre_filled_samples/10/deployment_group/deployments:  [length]"},
	} {
		_, err := read(sample)
		if diff := cmp.Diff(want, places(source.AsErrors(err))); diff != "" {
			t.Errorf("%q: unexpected errors (-want +got):\n%s", sample, diff)
		}
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	b := load(t)
	for want, text := range map[string]string{
		"secrets payload":     `[{"name": "a", "action": "delete"}]`,
		"plan":                `{"apiVersion": "kubectl-blueprint.github.io/v1", "kind": "Plan"}`,
		"Kubernetes manifest": `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}`,
	} {
		path := write(t, map[string]string{"it's.json": text, "good.json": job("good", "")})
		_, _, err := b.Read(t.Context(), blueprint.Options{Files: []string{path("it's.json"), path("good.json")}})
		if errs := source.AsErrors(err); len(errs) != 1 || errs[0].File != path("it's.json") || errs[0].Pos.Line != 1 || !strings.Contains(errs[0].Message, "must be a recipe, got a "+want) {
			t.Errorf("%s: got %v", want, err)
		}
	}
}

// TestReadReportsAllErrors has an error of each kind in a file of its own, and warnings
// in another one.
func TestReadReportsAllErrors(t *testing.T) {
	t.Parallel()
	path := write(t, map[string]string{
		"a.json": `{"recipe_mode": "job",}`,
		"b.json": "{\"recipe_mode\": \"jbo\",\n \"deployment_name\": \"b\", \"recipe_image_uri\": \"i\",\n \"recipe_nodes\": 1}",
		"c.json": `{"deployment_group": {"name": "g", "deployments": [{"name": "x", "depends_on": ["y"], "recipe": ` + job("x", "") + `}]}}`,
		"d.json": job("same", ", \"recipe_node_pool_size\": 1"),
		"e.json": job("Same", ""),
		"f.json": `[1]`,
	})
	var files []string
	for _, name := range []string{"f", "e", "d", "c", "b", "a"} {
		files = append(files, path(name+".json"))
	}
	r, warnings, err := load(t).Read(t.Context(), blueprint.Options{Files: files, Namespace: "ns"})
	if r == nil || !errors.As(err, new(source.Errors)) {
		t.Fatalf("got %v, %v", r, err)
	}
	want := []string{
		"a.json:1:22: ",
		"b.json:1:17: /recipe_mode:  [enum]",
		"b.json:3:2: /recipe_nodes:  [unknown-key]",
		"c.json:1:81: /deployment_group/deployments/0/depends_on/0:  [unknown-member]",
		"d.json:1:43: /deployment_name:  [duplicate-name]",
		"f.json:1:1:  [shape]",
	}
	if diff := cmp.Diff(want, places(source.AsErrors(err))); diff != "" {
		t.Errorf("unexpected errors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"d.json:1:76:  [ignored-keys]"}, places(warnings)); diff != "" {
		t.Errorf("unexpected warnings (-want +got):\n%s", diff)
	}
}

func TestReadWithoutFile(t *testing.T) {
	t.Parallel()
	b := load(t)
	path := write(t, map[string]string{"good.json": job("good", "")})
	if _, _, err := b.Read(t.Context(), blueprint.Options{Files: []string{path("good.json"), path("none.json")}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist", err)
	}
	_, _, err := b.Read(t.Context(), blueprint.Options{Files: []string{"https://user:c4n4ry@example.com/a.json"}})
	if err == nil || strings.Contains(err.Error(), "c4n4ry") || hint.Of(err)[0].Text != "use a pipe: curl -fsSL URL | kubectl blueprint deploy -" {
		t.Errorf("got %v", err)
	}
}

// TestReadPutsClusterValuesOverTheRecipe reads a recipe with values of the cluster.
func TestReadPutsClusterValuesOverTheRecipe(t *testing.T) {
	t.Parallel()
	values := map[string]any{"cluster": map[string]any{"storageClass": "fast"}}
	o := blueprint.Options{
		Files: []string{"-"}, Namespace: "ns", Values: values,
		Stdin: strings.NewReader(job("a", `, "cluster": {"storageClass": "slow", "nodeShapeLabel": "x"}, "pvcs": {"volumes": [{"name": "v", "mount_location": "/v", "volume_size_in_gbs": 1}]}`)),
	}
	r, _, err := load(t).Read(t.Context(), o)
	if err != nil || len(r.Rendered) != 1 {
		t.Fatalf("got %v, %v", r, err)
	}
	want := map[string]any{"storageClass": "fast", "nodeShapeLabel": "x"}
	if diff := cmp.Diff(want, r.Rendered[0].Values["cluster"]); diff != "" {
		t.Errorf("unexpected values (-want +got):\n%s", diff)
	}
	if text := r.Rendered[0].Manifests.String(); !strings.Contains(text, "storageClassName: \"fast\"") && !strings.Contains(text, "storageClassName: fast") {
		t.Errorf("no storage class in\n%s", text)
	}
}
