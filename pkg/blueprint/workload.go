package blueprint

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Workload is a rendered recipe. Without the text of the recipe, as in a release or a
// plan, all its positions are "".
type Workload struct {
	File      string // "-" is standard input
	Group     string // deployment group of which it is a member, or ""
	Needed    bool   // by other members of the group
	Values    map[string]any
	Manifests render.Manifests
	Objects   []*unstructured.Unstructured
	recipe    *recipe.Recipe
	schema    *recipe.Schema
}

// Render renders a recipe from its values. Without its text, all positions are "".
func (b *Blueprint) Render(file string, values map[string]any) (*Workload, error) {
	w := &Workload{File: file, Values: values}
	manifests, err := b.Chart.Render(values)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return w, w.decode(manifests)
}

func (w *Workload) decode(manifests render.Manifests) (err error) {
	w.Manifests = manifests
	if w.Objects, err = manifests.Objects(); err != nil {
		return fmt.Errorf("%s: %w", w.File, err)
	}
	if len(w.Objects) == 0 {
		return fmt.Errorf("%s: the recipe renders no objects", w.File)
	}
	return nil
}

// SetClusterValue renders the workload again with another value of the cluster.
func (w *Workload) SetClusterValue(b *Blueprint, key string, value any) error {
	w.Values = render.WithClusterValue(w.Values, key, value)
	manifests, err := b.Chart.Render(w.Values)
	if err != nil {
		return fmt.Errorf("%s: %w", w.File, err)
	}
	return w.decode(manifests)
}

// Name returns the name of the workload's release, which all its objects have as a
// label.
func (w *Workload) Name() string { return InstanceOf(w.Objects) }

// DeploymentName returns the deployment_name of the recipe.
func (w *Workload) DeploymentName() string { return DeploymentNameOf(w.Objects) }

// Path returns the name of the file, or "" if it cannot be read again.
func (w *Workload) Path() string {
	if w.File == "-" {
		return ""
	}
	return w.File
}

// Position returns where the recipe sets a field of a Kubernetes object, as
// file:line:col, or "". Values are those of the field, the likeliest first.
func (w *Workload) Position(of field.Path, values ...string) string {
	if w.recipe == nil {
		return ""
	}
	pos := w.schema.Locate(w.recipe, of, values...)
	if pos == (source.Position{}) {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", w.File, pos.Line, pos.Column)
}

// Key returns the recipe key that sets a field of a Kubernetes object, whether the
// recipe has it or not, or "".
func (w *Workload) Key(of field.Path) string {
	if w.recipe == nil {
		return ""
	}
	return w.schema.KeyOf(of)
}

// RemediationPosition returns the line to change to fix a failure and the key there.
// The line is "" if the recipe does not have the key. The key is "" if there is none.
func (w *Workload) RemediationPosition(r rollout.Remediation) (line, key string) {
	if w.recipe == nil {
		return "", ""
	}
	v := r.Values
	values := []string{v.Secret, v.Key, v.ConfigMap, v.Image}
	if line = w.Position(r.Field, values...); line != "" {
		return line, w.recipe.KeyAt(w.schema.Locate(w.recipe, r.Field, values...))
	}
	return "", w.Key(r.Field)
}

// InstanceOf returns the name of the release that objects belong to, or "".
func InstanceOf(objects []*unstructured.Unstructured) string {
	for _, o := range objects {
		if name := o.GetLabels()[ownership.InstanceLabel]; name != "" {
			return name
		}
	}
	return ""
}

// DeploymentNameOf returns the deployment_name of the recipe that objects were
// rendered from, or "".
func DeploymentNameOf(objects []*unstructured.Unstructured) string {
	if len(objects) == 0 {
		return ""
	}
	return objects[0].GetAnnotations()[render.DeploymentNameAnnotation]
}
