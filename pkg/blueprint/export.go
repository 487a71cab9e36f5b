package blueprint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Format is what Export writes.
type Format string

// The formats of an export.
const (
	FormatDir       Format = "dir"       // one file per object
	FormatKustomize Format = "kustomize" // these, with a kustomization.yaml
	FormatHelm      Format = "helm"      // the chart, with a values file per recipe
)

// Export writes all recipes or none into a directory that is empty or does not exist.
// It fills a temporary directory next to it, and then renames that one. manifests are
// the objects to write, which may be masked; values files contain the full recipe.
func (r *Recipes) Export(dir string, format Format, manifests []render.Manifests) error {
	dir = filepath.Clean(dir)
	if target, err := filepath.EvalSymlinks(dir); err == nil {
		dir = target // keep the link, and fill its target
	}
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && len(entries) > 0:
		return fmt.Errorf("output directory %s is not empty", dir)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	beside, err := os.MkdirTemp(filepath.Dir(dir), "."+filepath.Base(dir)+"-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(beside)
	if err := os.Chmod(beside, 0o755); err != nil {
		return err
	}
	if format == FormatHelm {
		err = r.exportChart(beside)
	} else {
		err = exportObjects(beside, manifests, format == FormatKustomize)
	}
	if err != nil {
		return err
	}
	_ = os.Remove(dir) // Rename does not replace a directory on all platforms
	return os.Rename(beside, dir)
}

// exportObjects writes a file for each object. Only the user can read those of Secrets,
// which may not be masked.
func exportObjects(dir string, all []render.Manifests, kustomize bool) error {
	var names []string
	for _, manifests := range all {
		objects, err := manifests.Objects()
		if err != nil {
			return err
		}
		for _, object := range objects {
			text, err := source.PrintableYAML(object.Object)
			if err != nil {
				return err
			}
			name := strings.ToLower(object.GetKind()) + "-" + object.GetName() + ".yaml"
			if slices.Contains(names, name) {
				return fmt.Errorf("two recipes produce %s; rename one or export them separately", name)
			}
			mode := fs.FileMode(0o644)
			if object.GetKind() == "Secret" {
				mode = 0o600
			}
			if err := os.WriteFile(filepath.Join(dir, name), text, mode); err != nil {
				return err
			}
			names = append(names, name)
		}
	}
	if !kustomize {
		return nil
	}
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "kustomize.config.k8s.io/v1beta1",
		"kind":       "Kustomization",
		"resources":  names,
	})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "kustomization.yaml"), text, 0o644)
}

// exportChart writes the chart, and a values file for each recipe: the recipe with
// cluster values and resolved references. Helm needs all values, so credentials in
// plain text are not masked, and only the user can read the file.
func (r *Recipes) exportChart(dir string) error {
	if err := os.CopyFS(filepath.Join(dir, ChartName), charts.Blueprint()); err != nil {
		return err
	}
	for _, rendered := range r.Rendered {
		text, err := json.MarshalIndent(rendered.Values, "", "  ")
		if err != nil {
			return err
		}
		name := rendered.Manifests.Name() + ".values.json"
		if err := os.WriteFile(filepath.Join(dir, name), append(text, '\n'), 0o600); err != nil {
			return err
		}
	}
	return nil
}
