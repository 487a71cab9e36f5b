package explain_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

func load(t *testing.T) *explain.Files {
	t.Helper()
	files, err := explain.Load()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestFind finds fields of every kind of file by their first element.
func TestFind(t *testing.T) {
	t.Parallel()
	files := load(t)
	for path, want := range map[string]struct{ title, typeName, err string }{
		"recipe_mode":                      {"Recipe", "string", ""},
		"recipe_configmaps[].default_mode": {"Recipe", "integer", ""},
		"cluster.images":                   {"Recipe", "Object", ""},
		"deployment_group":                 {"Deployment group", "Object", ""},
		"deployment_group.deployments":     {"Deployment group", "[]Object", ""},
		"secrets_payload":                  {"Secrets payload", "[]Object", ""},
		"secrets_payload[].action":         {"Secrets payload", "string", ""},
		"secret_payload":                   {"", "", `field "secret_payload" not found; did you mean "secrets_payload"?`},
		"recipe_mod":                       {"", "", `field "recipe_mod" not found; did you mean "recipe_mode"?`},
		"secrets_payload.actoin":           {"", "", `field "actoin" not found in secrets_payload; did you mean "action"?`},
		"":                                 {"", "", `field "" not found`},
	} {
		kind, field, err := files.Find(path)
		switch {
		case err != nil:
			if err.Error() != want.err {
				t.Errorf("%q: got %v", path, err)
			}
		case want.err != "" || kind.Title != want.title || field.Type != want.typeName:
			t.Errorf("%q: got %q of %q", path, field.Type, kind.Title)
		}
	}
}

// TestComplete completes the last element of a path, in the order of the schema.
func TestComplete(t *testing.T) {
	t.Parallel()
	files := load(t)
	for prefix, want := range map[string][]string{
		"sec":                          {"secrets_payload"},
		"deployment_":                  {"deployment_name", "deployment_group"},
		"secrets_payload.":             {"secrets_payload.name", "secrets_payload.action", "secrets_payload.type", "secrets_payload.merge", "secrets_payload.data"},
		"secrets_payload.a":            {"secrets_payload.action"},
		"recipe_configmaps.default_mo": {"recipe_configmaps.default_mode"},
		"nothing":                      nil,
		"nothing.":                     nil,
	} {
		parent, fields := files.Complete(prefix)
		var got []string
		for _, f := range fields {
			got = append(got, parent+f.Name)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q", prefix, got)
		}
	}
}

// TestSchema returns a JSON Schema for every kind. That of recipes is the chart's.
func TestSchema(t *testing.T) {
	t.Parallel()
	for _, kind := range explain.Kinds() {
		schema, err := explain.Schema(kind)
		if err != nil || !json.Valid(schema) {
			t.Errorf("%s: got %v", kind, err)
		}
	}
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	if schema, _ := explain.Schema("recipe"); string(schema) != string(chart.Schema()) {
		t.Error("the schema of recipes is not the chart's")
	}
	if _, err := explain.Schema("job"); err == nil || !strings.Contains(err.Error(), `invalid KIND "job"`) {
		t.Errorf("got %v", err)
	}
}
