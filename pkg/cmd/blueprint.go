package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// chartName is the name of the embedded chart, by which its releases are known.
const chartName = "blueprint"

// blueprint is the embedded chart with its schema: what every command that
// reads a recipe works with.
type blueprint struct {
	chart  *render.Chart
	schema *recipe.Schema
}

func loadBlueprint() (*blueprint, error) {
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		return nil, err
	}
	schema, err := recipe.CompileSchema(chart.Schema())
	if err != nil {
		return nil, err
	}
	return &blueprint{chart: chart, schema: schema}, nil
}

// workload is a recipe that has been read, judged and rendered.
type workload struct {
	file      string
	values    map[string]any
	manifests render.Manifests
	objects   []*unstructured.Unstructured
}

// read takes the recipe in the named file through schema and chart. Keys
// without effect are told on stderr in one warning.
func (b *blueprint) read(name string, stdin io.Reader, stderr io.Writer) (*workload, error) {
	doc, err := readDocument(name, stdin)
	if err != nil {
		return nil, err
	}
	r, err := recipe.Load(doc)
	if err != nil {
		return nil, err
	}
	if err := b.schema.Validate(r); err != nil {
		return nil, err
	}
	w := &workload{file: name, values: r.Values()}
	if w.manifests, err = b.chart.Render(w.values); err != nil {
		return nil, positioned(doc, err)
	}
	if w.objects, err = w.manifests.Objects(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(w.objects) == 0 {
		return nil, fmt.Errorf("%s: the recipe makes no objects", name)
	}
	if ignored := b.schema.Ignored(r); len(ignored) > 0 {
		warn(stderr, "%s: ignored, as they set up a cloud's infrastructure: %s", name, strings.Join(ignored, ", "))
	}
	for _, v := range w.manifests.Warnings() {
		warn(stderr, "%v", doc.At(v.Pointer, "%s", v.Message).By(v.Rule))
	}
	return w, nil
}

// positioned gives the chart's rule violations their place in the file.
func positioned(doc *source.Document, err error) error {
	var rules *render.RuleError
	if !errors.As(err, &rules) {
		return fmt.Errorf("%s: %w", doc.Name, err)
	}
	var faults source.Errors
	for _, v := range rules.Violations {
		faults = append(faults, doc.At(v.Pointer, "%s", v.Message).By(v.Rule))
	}
	return faults.Sorted()
}

// name is the workload's name: that of its release, its objects' common label.
func (w *workload) name() string { return w.objects[0].GetLabels()[render.InstanceLabel] }

// deploymentName is the name as the recipe spells it.
func (w *workload) deploymentName() string { return deploymentName(w.objects) }

func deploymentName(objects []*unstructured.Unstructured) string {
	if len(objects) == 0 {
		return ""
	}
	return objects[0].GetAnnotations()[render.DeploymentNameAnnotation]
}
