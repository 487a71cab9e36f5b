package blueprint_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

func TestPosition(t *testing.T) {
	t.Parallel()
	b := load(t)
	w := workload(t, b)
	released, err := b.Render("app.json", w.Values)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		of            field.Path
		values        []string
		position, key string
	}{
		{field.Image, nil, "-:3:2", "recipe_image_uri"},
		{field.Image, []string{"app:1"}, "-:3:22", "recipe_image_uri"},
		{field.EnvSecret, []string{"two", "k"}, "-:6:102", "recipe_environment_secrets"},
		{field.EnvSecret, []string{"one"}, "-:6:39", "recipe_environment_secrets"},
		{field.Memory, nil, "", "recipe_container_memory_size"},
		{field.ConfigMapVolume, nil, "", "recipe_configmaps"},
		{"Pod.spec.nodeName", nil, "", ""},
		{"", []string{"app:1"}, "-:3:22", ""},
		{"", nil, "", ""},
	} {
		if got := w.Position(c.of, c.values...); got != c.position {
			t.Errorf("%s %q: got position %q, want %q", c.of, c.values, got, c.position)
		}
		if got := w.Key(c.of); got != c.key {
			t.Errorf("%s: got key %q, want %q", c.of, got, c.key)
		}
		if position, key := released.Position(c.of, c.values...), released.Key(c.of); position != "" || key != "" {
			t.Errorf("%s: got %q and %q without the recipe's text", c.of, position, key)
		}
	}
}

func TestRemediationPosition(t *testing.T) {
	t.Parallel()
	w := workload(t, load(t))
	for name, c := range map[string]struct {
		of        rollout.Remediation
		line, key string
	}{
		"value":           {rollout.Remediation{Field: field.EnvSecret, Values: rollout.Values{Secret: "two"}}, "-:6:102", "recipe_environment_secrets"},
		"key to add":      {rollout.Remediation{Field: field.Memory}, "", "recipe_container_memory_size"},
		"no key":          {rollout.Remediation{Field: "Pod.spec.nodeName"}, "", ""},
		"nothing to fix":  {rollout.Remediation{}, "", ""},
		"value elsewhere": {rollout.Remediation{Values: rollout.Values{Image: "app:1"}}, "-:3:22", "recipe_image_uri"},
	} {
		if line, key := w.RemediationPosition(c.of); line != c.line || key != c.key {
			t.Errorf("%s: got %q and %q, want %q and %q", name, line, key, c.line, c.key)
		}
	}
	line, key := (&blueprint.Workload{}).RemediationPosition(rollout.Remediation{Field: field.Image})
	if line != "" || key != "" {
		t.Errorf("got %q and %q of a workload without a recipe", line, key)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	w := workload(t, load(t))
	if w.Name() != "recipe-my-app" || w.DeploymentName() != "My App" || w.File != "-" || w.Path() != "" {
		t.Errorf("got %q, %q, %q and %q", w.Name(), w.DeploymentName(), w.File, w.Path())
	}
	if w.File = "app.json"; w.Path() != "app.json" {
		t.Errorf("got %q", w.Path())
	}
	bare := []*unstructured.Unstructured{{Object: map[string]any{"kind": "Secret"}}}
	for _, objects := range [][]*unstructured.Unstructured{nil, bare} {
		if instance, name := blueprint.InstanceOf(objects), blueprint.DeploymentNameOf(objects); instance != "" || name != "" {
			t.Errorf("got %q and %q of objects without labels", instance, name)
		}
	}
	if got := blueprint.InstanceOf(append(bare, w.Objects...)); got != "recipe-my-app" {
		t.Errorf("got %q, want the label of the first object that has it", got)
	}
}

func TestSetClusterValue(t *testing.T) {
	t.Parallel()
	b := load(t)
	w := workload(t, b)
	before, values, position := w.Manifests.String(), w.Values, w.Position(field.Image)
	if err := w.SetClusterValue(b, "secretVersions", map[string]any{"one": "v1-of-one"}); err != nil {
		t.Fatal(err)
	}
	if after := w.Manifests.String(); strings.Contains(before, "v1-of-one") || !strings.Contains(after, "v1-of-one") {
		t.Errorf("the value is not in\n%s", after)
	}
	if _, set := values["cluster"]; set {
		t.Errorf("the values from before were changed: %v", values)
	}
	if w.Position(field.Image) != position {
		t.Errorf("got position %q, want %q", w.Position(field.Image), position)
	}
}

// TestRenderOfChangedValues renders values that no valid recipe has, as in a plan that
// somebody edited.
func TestRenderOfChangedValues(t *testing.T) {
	t.Parallel()
	b := load(t)
	values := workload(t, b).Values
	w, err := b.Render("saved.json", values)
	if err != nil || w.Name() != "recipe-my-app" || w.File != "saved.json" || len(w.Objects) == 0 {
		t.Fatalf("got %+v, %v", w, err)
	}
	for key, values := range map[string]map[string]any{
		"refused by the chart": {"recipe_mode": "team", "deployment_name": "c4n4ry"},
		"of no objects":        {"recipe_mode": "c4n4ry", "deployment_name": "a"},
		"of no recipe":         {},
	} {
		_, err := b.Render("saved.json", values)
		if err == nil || !strings.HasPrefix(err.Error(), "saved.json: ") || strings.Contains(err.Error(), "c4n4ry") {
			t.Errorf("values %s: got %v, want an error with the file and without the value", key, err)
		}
	}
}
