package explain_test

import (
	"os"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
)

// TestEveryField finds every field of the schemas by its path, and
// wants a type and a description of each.
func TestEveryField(t *testing.T) {
	t.Parallel()
	for file, least := range map[string]int{
		"../../charts/blueprint/values.schema.json": 200,
		"../recipe/group.schema.json":               8,
		"../secrets/payload.schema.json":            15,
	} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root, err := explain.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if found := explainAll(t, root, root, nil); found < least {
			t.Errorf("%s: %d fields were found, want at least %d", file, found, least)
		}
	}
}

func explainAll(t *testing.T, root, parent *explain.Field, path []string) int {
	t.Helper()
	count := 0
	for _, f := range parent.Fields() {
		at := append(path[:len(path):len(path)], f.Name)
		name := strings.Join(at, ".")
		found, err := root.Find(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if found.Type == "" || found.Description == "" {
			t.Errorf("%s has type %q and description %q", name, found.Type, found.Description)
		}
		count += 1 + explainAll(t, root, f, at)
	}
	return count
}

func TestReferencesAndBranches(t *testing.T) {
	t.Parallel()
	root, err := explain.Parse([]byte(`{
		"properties": {"list": {"type": "array", "items": {"$ref": "#/$defs/item"}}},
		"x-refused": {"gone": "use list"},
		"$defs": {"item": {
			"type": "object", "required": ["a"],
			"properties": {"a": {"type": "string", "enum": ["x", "y"], "x-refused": {"z": "use y"}}},
			"if": {"required": ["b"]},
			"then": {"required": ["b"], "properties": {"b": {"type": ["string", "integer"]}, "a": false}},
			"allOf": [{"additionalProperties": {"type": "boolean"}}]
		}}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"list": "[]Object", "list.a": "string required x,y", "list[].b": "string or integer", "list.whatever": "boolean", "gone": "use list",
	} {
		f, err := root.Find(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := []string{}
		for _, part := range []string{f.Type, map[bool]string{true: "required"}[f.Required], strings.Join(f.Enum, ","), f.Refused} {
			if part != "" {
				got = append(got, part)
			}
		}
		if got := strings.Join(got, " "); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if a, err := root.Find("list.a"); err != nil || len(a.RefusedValues) != 1 || a.RefusedValues[0] != (explain.Refusal{Value: "z", Reason: "use y"}) {
		t.Errorf("list.a refuses the wrong values: %v %v", a, err)
	}
	if _, err := root.Find("lits"); err == nil || !strings.HasSuffix(err.Error(), `did you mean "list"?`) {
		t.Errorf("a slip gives %v", err)
	}
}

// TestAnnotations reads what a schema says about one field beside its type.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	root, err := explain.Parse([]byte(`{
		"title": "File", "description": "A file.",
		"properties": {
			"old": {"type": "string", "x-deprecated": "new", "x-ignored": "no cluster has it", "x-kubernetes": "spec.old"},
			"labels": {"type": "object", "additionalProperties": {"type": "string"}},
			"matrix": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
			"new": {"description": "Text.", "examples": ["a", {"b": 1}]}
		}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	if root.Title != "File" || root.Description != "A file." || len(root.Fields()) != 4 {
		t.Errorf("the file is %+v", root)
	}
	find := func(path string) *explain.Field {
		f, err := root.Find(path)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := find("old"); f.Deprecated != "new" || f.Ignored != "no cluster has it" || f.Kubernetes != "spec.old" {
		t.Errorf("old is %+v", f)
	}
	if f := find("new"); strings.Join(f.Examples, " ") != `"a" {"b":1}` || f.Description != "Text." || f.Type != "" {
		t.Errorf("new is %+v", f)
	}
	for path, want := range map[string]string{"labels": "map[string]string", "labels.any": "string", "matrix": "[][]number"} {
		if f := find(path); f.Type != want {
			t.Errorf("%s is %q, want %q", path, f.Type, want)
		}
	}
	for path, want := range map[string]string{
		"old.deeper": `field "deeper" not found in old, which has no fields`,
		"nothing":    `field "nothing" not found`,
	} {
		if _, err := root.Find(path); err == nil || err.Error() != want {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if _, err := explain.Parse([]byte("{")); err == nil {
		t.Error("a schema that is cut off is read")
	}
}
