package render_test

import (
	"errors"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// talkingChart is a chart that warns, and fails where its value says so.
func talkingChart(t testing.TB) *render.Chart {
	t.Helper()
	c, err := render.Load(fstest.MapFS{
		"Chart.yaml":          {Data: []byte("apiVersion: v2\nname: x\nversion: 1.0.0\n")},
		"templates/NOTES.txt": {Data: []byte("{{ fail \"notes are for Helm\" }}")},
		"templates/_findings.tpl": {Data: []byte(`{{ define "blueprint.warnings" }}
{{ range .Values.keys }}{"pointer": "/{{ . }}", "message": "is small: see [docs]", "rule": "small-{{ . }}"}
{{ end }}{"pointer": "/a~1b", "message": "has no id [Docs]"}{{ end }}
{{ define "blueprint.violations" }}{{ with .Values.fail }}{"pointer": "/a", "rule": "c-1", "message": "b"}
{"pointer": "/d/0", "message": "e: f"}
{{ end }}{{ end }}`)},
		"templates/validations.yaml": {Data: []byte("{{ with .Values.fail }}{{ fail \"rules are for Helm\" }}{{ end }}")},
		"templates/object.yaml":      {Data: []byte("kind: ConfigMap\nmetadata: {name: {{ .Values.keys | len | print | quote }}}\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWarningsAreReadFromTheFindings(t *testing.T) {
	t.Parallel()
	m := mustRender(t, talkingChart(t), parse(t, `{"keys": ["a", "b"]}`))
	want := []render.Violation{
		{Pointer: "/a", Message: "is small: see [docs]", Rule: "small-a"},
		{Pointer: "/b", Message: "is small: see [docs]", Rule: "small-b"},
		{Pointer: "/a~1b", Message: "has no id [Docs]"},
	}
	if diff := cmp.Diff(want, m.Warnings()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("---\n# Source: x/templates/object.yaml\nkind: ConfigMap\nmetadata: {name: \"2\"}\n", m.String()); diff != "" {
		t.Errorf("notes are no manifest (-want +got):\n%s", diff)
	}
}

func TestRulesHaveIDs(t *testing.T) {
	t.Parallel()
	_, err := talkingChart(t).Render(parse(t, `{"keys": [], "fail": true}`))
	broken := new(render.RuleError)
	if !errors.As(err, &broken) {
		t.Fatalf("want a RuleError, got %v", err)
	}
	want := []render.Violation{{Pointer: "/a", Message: "b", Rule: "c-1"}, {Pointer: "/d/0", Message: "e: f"}}
	if diff := cmp.Diff(want, broken.Violations); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("invalid recipe:\n/a: b [c-1]\n/d/0: e: f", err.Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
