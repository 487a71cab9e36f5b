package render

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// Manifests are the objects of one recipe, in the order in which Helm installs them.
type Manifests struct {
	name     string // set if the chart was rendered without objects
	sorted   []releaseutil.Manifest
	warnings []Violation
}

// Warnings returns the chart's warnings about the recipe.
func (m Manifests) Warnings() []Violation {
	return slices.Clone(m.warnings)
}

// YAML returns the output of helm template for the same chart and recipe.
func (m Manifests) YAML() []byte {
	var b bytes.Buffer
	for _, manifest := range m.sorted {
		fmt.Fprintf(&b, "---\n# Source: %s\n%s\n", manifest.Name, manifest.Content)
	}
	return append(bytes.TrimSpace(b.Bytes()), '\n')
}

// String returns YAML as text.
func (m Manifests) String() string {
	return string(m.YAML())
}

// Name returns the name of the workload, which is a label of all its objects, or "" if it
// is unknown.
func (m Manifests) Name() string {
	if len(m.sorted) == 0 {
		return m.name
	}
	shortest := slices.MinFunc(m.sorted, func(a, b releaseutil.Manifest) int { return cmp.Compare(len(a.Content), len(b.Content)) })
	object, err := decode(shortest.Content)
	if err != nil {
		return ""
	}
	return object.GetLabels()[ownership.InstanceLabel]
}

// ids returns kind and name of every object that other recipes must not create. Teams share
// ResourceFlavors.
func (m Manifests) ids() []string {
	var ids []string
	for _, manifest := range m.sorted {
		if head := manifest.Head; head.Kind != "ResourceFlavor" && head.Metadata != nil {
			ids = append(ids, head.Kind+" "+head.Metadata.Name)
		}
	}
	return ids
}

// Objects decodes the manifests. Each call returns new objects, which the caller may change.
func (m Manifests) Objects() ([]*unstructured.Unstructured, error) {
	objects := make([]*unstructured.Unstructured, 0, len(m.sorted))
	for _, manifest := range m.sorted {
		object, err := decode(manifest.Content)
		if err != nil {
			return nil, fmt.Errorf("cannot decode %s: %w", manifest.Name, err)
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// decode decodes a manifest. It converts it to JSON first, because only the decoder of
// unstructured distinguishes integers from floating-point numbers. It restores the final
// newline, which may belong to a string at the end.
func decode(content string) (*unstructured.Unstructured, error) {
	data, err := yaml.YAMLToJSON([]byte(content + "\n"))
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	return object, object.UnmarshalJSON(data)
}
