package render_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestClusterValues merges values as helm does, and checks them.
func TestClusterValues(t *testing.T) {
	t.Parallel()
	schema, err := recipe.CompileSchema(loadChart(t).Schema())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first := file("first.yaml", "cluster: {storageClass: slow, ingress: {domain: example.com, className: nginx}}")
	second := file("second.json", `{"cluster": {"storageClass": "fast", "ingress": {"className": "kong"}}}`)
	large := file("large.yaml", "")
	if err := os.Truncate(large, source.MaxBytes+1); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		values render.ClusterValues
		want   map[string]any
		err    string
	}{
		"none":     {render.ClusterValues{}, nil, ""},
		"files":    {render.ClusterValues{Files: []string{first, second}}, map[string]any{"storageClass": "fast", "ingress": map[string]any{"domain": "example.com", "className": "kong"}}, ""},
		"set wins": {render.ClusterValues{Files: []string{second}, Set: []string{"cluster.storageClass=slow", "cluster.storageClass=slowest"}}, map[string]any{"storageClass": "slowest", "ingress": map[string]any{"className": "kong"}}, ""},
		"stdin":    {render.ClusterValues{Files: []string{"-"}}, map[string]any{"storageClass": "piped"}, ""},
		"recipe":   {render.ClusterValues{Set: []string{"recipe_mode=job", "cluster.storageClass=a"}}, nil, "--values and --set cannot set recipe_mode, only keys under cluster"},
		"unknown":  {render.ClusterValues{Set: []string{"cluster.storageClas=a"}}, nil, "--values and --set: /cluster/storageClas: unknown key; did you mean \"storageClass\"?"},
		"no map":   {render.ClusterValues{Set: []string{"cluster=1"}}, nil, "--values and --set: /cluster: must be an object, got a number"},
		"syntax":   {render.ClusterValues{Set: []string{"cluster"}}, nil, "invalid --values or --set: key \"cluster\" has no value"},
		"no YAML":  {render.ClusterValues{Files: []string{file("bad.yaml", "cluster:\n  storageClass: [")}}, nil, filepath.Join(dir, "bad.yaml") + ":2"},
		"array":    {render.ClusterValues{Files: []string{file("array.yaml", "- cluster")}}, nil, filepath.Join(dir, "array.yaml") + ":1:1: must be an object with key cluster, not of type array"},
		"twice":    {render.ClusterValues{Files: []string{file("twice.yaml", "cluster: {}\ncluster: {}")}}, nil, filepath.Join(dir, "twice.yaml") + ":2:1: duplicate key"},
		"empty":    {render.ClusterValues{Files: []string{file("empty.yaml", ""), file("comment.yaml", "# none\n"), second}}, map[string]any{"storageClass": "fast", "ingress": map[string]any{"className": "kong"}}, ""},
		"number":   {render.ClusterValues{Files: []string{file("number.yaml", "cluster: {storageClass: 3}")}}, nil, "--values and --set: /cluster/storageClass: must be a StorageClass name, got a number"},
		"missing":  {render.ClusterValues{Files: []string{filepath.Join(dir, "missing")}}, nil, "no such file"},
		"large":    {render.ClusterValues{Files: []string{large}}, nil, "must be at most 64 MiB"},
	} {
		got, err := tt.values.Read(t.Context(), schema, strings.NewReader("cluster: {storageClass: piped}"))
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: got %v, want %q", name, err, tt.err)
		}
		if err != nil {
			continue
		}
		var want map[string]any
		if tt.want != nil {
			want = map[string]any{render.ClusterKey: tt.want}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
