package blueprint_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
)

// TestValidate checks a directory with a file of each kind.
func TestValidate(t *testing.T) {
	t.Parallel()
	path := write(t, map[string]string{
		"a-recipe.json":       job("x", `, "recipe_node_pool_size": 1`),
		"b-recipe.json":       job("X", ""),
		"catalog.json":        `{"pre_filled_samples": [` + job("x", "") + ",\n" + job("x", "") + ",\n" + `{"deployment_name": "y", "recipe_mode": "jbo"}]}`,
		"group.json":          `{"deployment_group": {"name": "g", "deployments": [{"name": "a", "recipe": ` + job("g", "") + "},\n" + `{"name": "b", "recipe": ` + job("G", "") + `}]}}`,
		"manifest.yaml":       "apiVersion: v1\nkind: ConfigMap\n",
		"payload-bad.json":    `{"secrets_payload": [{"name": "A b", "action": "delete"}]}`,
		"payload-warned.json": `[{"name": "a", "action": "create", "type": "opaque", "data": {"k": " padded"}}]`,
		"unfinished.json":     `{"recipe_mode": `,
	})
	v, err := load(t).Validate(t.Context(), blueprint.Options{Files: []string{path("")}})
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, file := range v.Files {
		files = append(files, filepath.Base(file))
	}
	want := []string{"a-recipe.json", "b-recipe.json", "catalog.json", "group.json", "manifest.yaml", "payload-bad.json", "payload-warned.json", "unfinished.json"}
	if diff := cmp.Diff(want, files); diff != "" {
		t.Errorf("unexpected files (-want +got):\n%s", diff)
	}
	wantErrors := []string{
		"catalog.json:3:41: /pre_filled_samples/2/recipe_mode:  [enum]",
		"group.json:2:67: /deployment_group/deployments/1/recipe/deployment_name:  [duplicate-name]",
		"manifest.yaml:1:1: ",
		"payload-bad.json:1:31: /secrets_payload/0/name: ",
		"unfinished.json:1:17: ",
	}
	got := places(v.Errors)
	slices.Sort(got)
	if diff := cmp.Diff(wantErrors, got); diff != "" {
		t.Errorf("unexpected errors (-want +got):\n%s", diff)
	}
	wantWarnings := []string{
		"a-recipe.json:1:73:  [ignored-keys]",
		"b-recipe.json:1:43: /deployment_name:  [duplicate-name]",
		"payload-warned.json:1:68: /0/data/k:  [whitespace]",
	}
	got = places(v.Warnings)
	slices.Sort(got)
	if diff := cmp.Diff(wantWarnings, got); diff != "" {
		t.Errorf("unexpected warnings (-want +got):\n%s", diff)
	}
}

func TestValidateStandardInput(t *testing.T) {
	t.Parallel()
	b := load(t)
	for text, want := range map[string]int{job("a", ""): 0, job("a", `, "recipe_nodes": 1`): 1, `[{"name": "a", "action": "delete"}]`: 0} {
		v, err := b.Validate(t.Context(), blueprint.Options{Files: []string{"-"}, Stdin: strings.NewReader(text)})
		if err != nil || !slices.Equal(v.Files, []string{"-"}) || len(v.Errors) != want {
			t.Errorf("%s: got %+v, %v, want %d errors", text, v, err, want)
		}
	}
}

// TestValidateStopsAtAMissingFile has a file that cannot be read among others: not to
// know whether it is valid is not an error of a document.
func TestValidateStopsAtAMissingFile(t *testing.T) {
	t.Parallel()
	path := write(t, map[string]string{"a.json": job("a", ""), "empty/readme.txt": ""})
	b := load(t)
	if _, err := b.Validate(t.Context(), blueprint.Options{Files: []string{path("a.json"), path("none.json")}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want os.ErrNotExist", err)
	}
	if _, err := b.Validate(t.Context(), blueprint.Options{Files: []string{path("empty")}}); err == nil {
		t.Error("a directory without recipes is valid")
	}
}

// TestValidateRecursively also checks the files in a directory below.
func TestValidateRecursively(t *testing.T) {
	t.Parallel()
	path := write(t, map[string]string{"a.json": job("a", ""), "below/b.json": job("b", "")})
	b := load(t)
	for recursive, want := range map[bool]int{false: 1, true: 2} {
		v, err := b.Validate(t.Context(), blueprint.Options{Files: []string{path("")}, Recursive: recursive})
		if err != nil || len(v.Files) != want {
			t.Errorf("recursive %t: got %q, %v", recursive, v.Files, err)
		}
	}
}
