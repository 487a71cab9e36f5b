package blueprint_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// load returns the embedded chart.
func load(t *testing.T) *blueprint.Blueprint {
	t.Helper()
	b, err := blueprint.Load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// write writes files into a directory of their own and returns a function from their
// names to their paths.
func write(t *testing.T, files map[string]string) func(name string) string {
	t.Helper()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(path(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// positioned is a recipe with one key per line, and its variables on line 6.
const positioned = `{"recipe_mode": "service",
 "deployment_name": "My App",
 "recipe_image_uri": "app:1",
 "recipe_container_port": 80,
 "recipe_environment_secrets": [
  {"envvar_name": "A", "secret_name": "one", "secret_key": "k"}, {"envvar_name": "B", "secret_name": "two", "secret_key": "k"}]
}`

// workload returns the workload of positioned, read from standard input.
func workload(t *testing.T, b *blueprint.Blueprint) *blueprint.Workload {
	t.Helper()
	r, _, err := b.Read(t.Context(), blueprint.Options{Files: []string{"-"}, Stdin: strings.NewReader(positioned), Namespace: "ns"})
	if err != nil {
		t.Fatal(err)
	}
	waves, err := r.Workloads()
	if err != nil {
		t.Fatal(err)
	}
	if len(waves) != 1 || len(waves[0]) != 1 {
		t.Fatalf("got %d waves, want one of one workload", len(waves))
	}
	return waves[0][0]
}

// places returns a line for each error: file:line, pointer and rule.
func places(errs source.Errors) []string {
	var lines []string
	for _, e := range errs {
		line, _, _ := strings.Cut((&source.Error{File: filepath.Base(e.File), Pos: e.Pos, Pointer: e.Pointer, Rule: e.Rule}).Error(), "\n")
		lines = append(lines, line)
	}
	return lines
}
