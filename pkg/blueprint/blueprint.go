// Package blueprint reads recipe files and renders them through the embedded chart.
//
//	files ─Read→ Recipes ┬ Workloads → waves of Workloads
//	                     └ Export → files for kubectl, kustomize or helm
//	files ─Validate→ errors and warnings with their positions
//
// A Workload is one rendered recipe that remembers its file, so that
// findings about a field of an object are reported with the line of the recipe.
package blueprint

import (
	"io"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// ChartName is the name of the embedded chart. It identifies its releases.
const ChartName = "blueprint"

// Blueprint is the embedded chart with its schema.
type Blueprint struct {
	Chart  *render.Chart
	Schema *recipe.Schema
	reader *recipe.Reader
}

// Load returns the embedded chart.
func Load() (*Blueprint, error) {
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		return nil, err
	}
	schema, err := recipe.CompileSchema(chart.Schema())
	if err != nil {
		return nil, err
	}
	return &Blueprint{Chart: chart, Schema: schema, reader: recipe.NewReader(schema)}, nil
}

// Options determine which recipes to read and how to render them.
type Options struct {
	Files     []string // files and directories; "-" is Stdin
	Recursive bool     // also read directories below those in Files
	Stdin     io.Reader
	Sample    string         // name or number of the sample of a catalog, or ""
	Namespace string         // of the rendered objects
	Values    map[string]any // of the cluster
}

func (b *Blueprint) renderer(o Options) *render.Renderer {
	return &render.Renderer{Chart: b.Chart, Schema: b.Schema, Namespace: o.Namespace, Values: o.Values}
}
