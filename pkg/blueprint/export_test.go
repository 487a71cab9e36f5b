package blueprint_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// read returns the recipes of files and their manifests.
func read(t *testing.T, files ...string) (*blueprint.Recipes, []render.Manifests) {
	t.Helper()
	r, _, err := load(t).Read(t.Context(), blueprint.Options{
		Files: files, Namespace: "ns", Values: map[string]any{render.ClusterKey: map[string]any{"storageClass": "fast"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var manifests []render.Manifests
	for _, rendered := range r.Rendered {
		manifests = append(manifests, rendered.Manifests)
	}
	return r, manifests
}

// modes returns the permissions of all files below a directory.
func modes(t *testing.T, dir string) map[string]fs.FileMode {
	t.Helper()
	found := map[string]fs.FileMode{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		found[name] = info.Mode()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestExportedChart renders the exported chart with the exported values, as helm
// does: the bytes are those of the recipes.
func TestExportedChart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	r, manifests := read(t, "../../testdata/groups/shop.json")
	if err := r.Export(dir, blueprint.FormatHelm, nil); err != nil {
		t.Fatal(err)
	}
	chart, err := render.Load(os.DirFS(filepath.Join(dir, "blueprint")))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range manifests {
		file := filepath.Join(dir, want.Name()+".values.json")
		read(t, file) // which checks it against the schema
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var values map[string]any
		if err := json.Unmarshal(text, &values); err != nil {
			t.Fatal(err)
		}
		got, err := chart.Render(values)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), got.String()); diff != "" {
			t.Errorf("%s (-recipe +exported chart):\n%s", file, diff)
		}
	}
	for name, mode := range modes(t, dir) {
		if want := map[bool]fs.FileMode{true: 0o600, false: 0o644}[strings.HasSuffix(name, ".values.json")]; mode != want {
			t.Errorf("%s has the permissions %v", name, mode)
		}
	}
}

// TestExportObjects writes a file per object, Secrets for nobody but the user, and
// lists them in a kustomization.
func TestExportObjects(t *testing.T) {
	t.Parallel()
	r, manifests := read(t, "../../testdata/recipes/objects-par-service.json")
	want := map[string]fs.FileMode{
		"secret-recipe-llama-par-90d1fc85.yaml": 0o600, "configmap-recipe-llama-scripts.yaml": 0o644,
		"service-recipe-llama.yaml": 0o644, "deployment-recipe-llama.yaml": 0o644,
	}
	plain := filepath.Join(t.TempDir(), "new", "plain")
	if err := r.Export(plain, blueprint.FormatDir, manifests); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, modes(t, plain)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	base := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(base, link); err != nil {
		t.Fatal(err)
	}
	if err := r.Export(link, blueprint.FormatKustomize, manifests); err != nil {
		t.Fatal(err)
	}
	want["kustomization.yaml"] = 0o644
	if diff := cmp.Diff(want, modes(t, base)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(filepath.Join(base, "kustomization.yaml"))
	const kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n" +
		"- secret-recipe-llama-par-90d1fc85.yaml\n- configmap-recipe-llama-scripts.yaml\n- service-recipe-llama.yaml\n- deployment-recipe-llama.yaml\n"
	if err != nil || string(text) != kustomization {
		t.Errorf("got %s, %v", text, err)
	}
}

// TestExportNothing leaves a directory as it was if it is not empty, or if two
// recipes have one name.
func TestExportNothing(t *testing.T) {
	t.Parallel()
	path := write(t, map[string]string{"a.json": job("a", ""), "out/kept.yaml": "kept"})
	r, manifests := read(t, path("a.json"))
	err := r.Export(path("out"), blueprint.FormatDir, manifests)
	if err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("got %v", err)
	}
	err = r.Export(path("twice"), blueprint.FormatDir, append(manifests, manifests...))
	if err == nil || !strings.Contains(err.Error(), "two recipes produce job-recipe-a-fc66a34f.yaml;") {
		t.Errorf("got %v", err)
	}
	want := map[string]fs.FileMode{"a.json": 0o600, "out/kept.yaml": 0o600}
	if diff := cmp.Diff(want, modes(t, path("."))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
