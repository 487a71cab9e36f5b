package cmd

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
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
	reader *recipe.Reader
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
	return &blueprint{chart: chart, schema: schema, reader: recipe.NewReader(schema)}, nil
}

// recipeFile is one file that was read. Without a document, faults say why.
type recipeFile struct {
	name   string
	doc    *source.Document
	sets   []*recipe.Set
	faults source.Errors
}

// many is from how many files on memory counts for more than time.
const many = 64

// load reads and decodes files, and those in directories, on all processors.
// The error is of a file that can't be read at all.
func load(ctx context.Context, names []string, stdin io.Reader) ([]*recipeFile, error) {
	names, err := input.Files(names, false)
	if err != nil {
		return nil, err
	}
	if len(names) > many && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // a tenth slower, and a fifth smaller
	}
	inputs := make([]*recipeFile, len(names))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() error {
			if input.IsURL(name) {
				return errors.New("a recipe is not read from a URL: pipe it, as with curl -fsSL URL | kubectl blueprint deploy -")
			}
			_, data, err := input.Read(ctx, name, stdin)
			if err != nil {
				return err
			}
			inputs[i] = &recipeFile{name: name}
			if inputs[i].doc, err = source.Parse(name, data); err != nil {
				inputs[i].faults = source.AsErrors(err)
			}
			return nil
		})
	}
	return inputs, group.Wait()
}

// setsOf are the recipes of all files.
func setsOf(inputs []*recipeFile) []*recipe.Set {
	var all []*recipe.Set
	for _, in := range inputs {
		all = append(all, in.sets...)
	}
	return all
}

// renderer renders for one namespace, with values of the cluster.
func (b *blueprint) renderer(namespace string, values map[string]any) *render.Renderer {
	return &render.Renderer{Chart: b.chart, Schema: b.schema, Namespace: namespace, Values: values}
}
