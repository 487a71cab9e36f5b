package render_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

func TestNotesSayHowToGoOn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ recipe, want string }{
		"service": {`{"recipe_mode": "service", "deployment_name": "nim", "recipe_image_uri": "x", "recipe_container_port": 8000}`, `Wait until recipe-nim is ready:
  kubectl rollout status --namespace elsewhere deployment/recipe-nim

In the cluster:
  http://recipe-nim.elsewhere.svc:80

From this machine, at http://localhost:8080:
  kubectl port-forward --namespace elsewhere service/recipe-nim 8080:80

Follow its logs:
  kubectl logs --namespace elsewhere --selector app.kubernetes.io/instance=recipe-nim --container main --prefix --follow
`},
		"published over several nodes, with a warning": {`{"recipe_mode": "service", "deployment_name": "big", "recipe_image_uri": "x", "recipe_container_port": 8000,
			"recipe_host_port": 8000, "multinode_num_nodes_to_use_from_shared_pool": 2, "multinode_rdma_enabled_in_shared_pool": true,
			"cluster": {"ingress": {"domain": "example.com", "tls": true}}}`, `warning: /multinode_rdma_enabled_in_shared_pool: has no effect, because RDMA setup is specific to each cloud; pods communicate over TCP [rdma]

Wait until recipe-big is ready:
  kubectl wait --for=condition=Available --timeout=30m --namespace elsewhere leaderworkerset/recipe-big

In the cluster:
  http://recipe-big.elsewhere.svc:8000

From outside the cluster:
  https://big.example.com

From this machine, at http://localhost:8080:
  kubectl port-forward --namespace elsewhere service/recipe-big 8080:8000

Follow its logs:
  kubectl logs --namespace elsewhere --selector app.kubernetes.io/instance=recipe-big --container main --prefix --follow
`},
		"job": {`{"recipe_mode": "job", "deployment_name": "tune", "recipe_image_uri": "x"}`, `Wait until recipe-tune is complete:
  kubectl wait --for=condition=Complete --timeout=24h --namespace elsewhere job --selector app.kubernetes.io/instance=recipe-tune

Follow its logs:
  kubectl logs --namespace elsewhere --selector app.kubernetes.io/instance=recipe-tune --container main --prefix --follow
`},
	} {
		made, err := helmInstall(t, parse(t, c.recipe))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, made.Info.Notes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Helm's users get the same warnings as the plugin's, before all else.
func TestNotesBeginWithTheWarnings(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	warned := 0
	for _, file := range recipeFiles(t) {
		recipe := readRecipe(t, file)
		want := ""
		for _, w := range mustRender(t, c, recipe).Warnings() {
			want += "warning: " + w.String() + "\n"
			warned++
		}
		made, err := helmInstall(t, recipe)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if notes := made.Info.Notes; !strings.HasPrefix(notes, want) || strings.Count(notes, "warning: ") != strings.Count(want, "warning: ") || !strings.Contains(notes, "kubectl ") {
			t.Errorf("%s: want notes that begin with\n%sgot\n%s", filepath.Base(file), want, notes)
		}
	}
	if warned == 0 {
		t.Error("no recipe has warnings, so the test shows nothing")
	}
}

// Helm's users get what the plugin reads: all broken rules, one JSON object each.
func TestHelmRefusesWhatBreaksRules(t *testing.T) {
	t.Parallel()
	recipe := parse(t, `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "x", "recipe_container_port": 80,
		"recipe_nvidia_gpu_count": 1, "recipe_amd_gpu_count": 1,
		"recipe_container_env": [{"key": "A&B", "value": ""}, {"key": "A&B", "value": ""}]}`)
	_, err := helmInstall(t, recipe)
	if err == nil {
		t.Fatal("want an error of helm")
	}
	_, lines, found := strings.Cut(err.Error(), "blueprint-violations:\n")
	if !found || !strings.Contains(lines, `{"pointer":"/recipe_amd_gpu_count","rule":"mixed-gpu-vendors","message":"cannot be used together with recipe_nvidia_gpu_count`) {
		t.Fatalf("got %v", err)
	}
	var got []render.Violation
	for line := range strings.Lines(lines) {
		var v render.Violation
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		got = append(got, v)
	}
	_, err = loadChart(t).Render(recipe)
	broken := new(render.RuleError)
	if !errors.As(err, &broken) {
		t.Fatalf("want a RuleError, got %v", err)
	}
	if diff := cmp.Diff(broken.Violations, got); diff != "" || len(got) != 2 {
		t.Errorf("(-plugin +helm):\n%s", diff)
	}
}
