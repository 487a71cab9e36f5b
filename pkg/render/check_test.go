package render_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// Check judges single recipes without making their objects, and finds nothing
// less for it.
func TestCheckFindsWhatRenderFinds(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "default")
	all := sets(t, reader,
		portless+`, "recipe_nvidia_gpu_count": 1, "recipe_amd_gpu_count": 1, "recipe_prometheus_enabled": true}`,
		portless+`, "recipe_replica_count": 0, "recipe_node_pool_size": 1}`,
		group(member("web", referring("db")), member("db", overHTTP)))
	for _, file := range append(append(recipeFiles(t), corpus.Files(t, "recipes")...), corpus.Files(t, "groups")...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if doc, err := source.Parse(filepath.Base(file), text); err == nil {
			found, _ := reader.Load(doc)
			all = append(all, found...)
		}
	}
	checked := map[string][2]string{}
	for _, rendered := range r.Check(all) {
		problems, warnings := told([]*render.Rendered{withoutIgnored(rendered)})
		checked[place(rendered)] = [2]string{problems, warnings}
	}
	for _, set := range all {
		for _, rendered := range r.Render([]*recipe.Set{set}) {
			problems, warnings := told([]*render.Rendered{withoutIgnored(rendered)})
			if diff := cmp.Diff([2]string{problems, warnings}, checked[place(rendered)]); diff != "" {
				t.Errorf("%s (-rendered +checked):\n%s", place(rendered), diff)
			}
		}
	}
	if problems := checked["a.json"][0]; problems == "" || checked["b.json"] == [2]string{} {
		t.Error("a recipe that breaks rules passes, and so the test shows nothing")
	}
}

// withoutIgnored drops the warning about keys without effect, which is one per file.
func withoutIgnored(r *render.Rendered) *render.Rendered {
	own := *r
	own.Warnings = slices.DeleteFunc(slices.Clone(r.Warnings), func(w *source.Error) bool { return w.Rule == "ignored-keys" })
	return &own
}

// TestIgnoredKeysAreOneWarningPerFile expects all keys from Check, and three from Render.
func TestIgnoredKeysAreOneWarningPerFile(t *testing.T) {
	t.Parallel()
	r, reader := newRenderer(t, "models")
	all := sets(t, reader, group(member("a", `"recipe_node_pool_size": 1, "skip_quota_validation": true`),
		member("b", `"recipe_node_pool_size": 2, "recipe_public_ssh_key": "k", "skip_capacity_validation": true`)))
	const head = "a.json:2:198: /deployment_group/deployments/0/recipe: 4 keys have no effect outside OCI: recipe_node_pool_size, recipe_public_ssh_key, skip_capacity_validation"
	for want, rendered := range map[string][]*render.Rendered{
		head + " and 1 more [ignored-keys]":             r.Render(all),
		head + ", skip_quota_validation [ignored-keys]": r.Check(all),
	} {
		if _, warnings := told(rendered); warnings != want {
			t.Errorf("got\n%s\nwant\n%s", warnings, want)
		}
	}
}

// place names a recipe among those of all files.
func place(r *render.Rendered) string { return r.Recipe.Doc.Name + r.Recipe.Pointer }
