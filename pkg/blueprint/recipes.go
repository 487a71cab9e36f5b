package blueprint

import (
	"context"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Recipes are rendered recipes without errors.
type Recipes struct {
	Rendered []*render.Rendered // in the order of the files and of the waves in each
	sets     []*recipe.Set
	schema   *recipe.Schema
}

// Read reads and renders all recipes of the named files and directories, and one
// sample of each catalog. The error has all errors of all files. The warnings are
// complete in either case.
func (b *Blueprint) Read(ctx context.Context, o Options) (*Recipes, source.Errors, error) {
	names, err := input.Files(o.Files, o.Recursive)
	if err != nil {
		return nil, nil, err
	}
	files, err := readFiles(ctx, names, o.Stdin)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		if f.doc != nil {
			b.load(f, o.Sample)
		}
	}
	r := &Recipes{sets: setsOf(files), schema: b.Schema}
	r.Rendered = b.renderer(o).Render(r.sets)
	errs, warnings := collect(files, r.Rendered)
	return r, warnings, errs.Sorted()
}

// load sets the recipes of a file, or of one sample if it is a catalog.
func (b *Blueprint) load(f *file, sample string) {
	if err := notRecipe(f.doc); err != nil {
		f.errors = source.Errors{err}
		return
	}
	sets, errs := b.reader.Load(f.doc)
	f.errors = errs
	if len(sets) == 0 {
		return
	}
	set, err := recipe.Select(f.doc, sets, sample)
	if err != nil {
		f.errors = append(f.errors, err)
		return
	}
	f.sets = []*recipe.Set{set}
	f.errors = slices.DeleteFunc(f.errors, func(e *source.Error) bool { // those of other samples
		return !strings.HasPrefix(e.Pointer+"/", set.Pointer+"/")
	})
}

// Workloads returns the workloads in the waves in which they are deployed: each
// depends only on workloads of waves before it.
func (r *Recipes) Workloads() ([][]*Workload, error) {
	var waves [][]*Workload
	rest := r.Rendered
	for _, set := range r.sets {
		needed := map[*recipe.Recipe]bool{}
		for _, member := range set.Recipes {
			for _, to := range member.Dependencies() {
				needed[to] = true
			}
		}
		for _, members := range set.DeployWaves() {
			wave := make([]*Workload, len(members))
			for i, rendered := range rest[:len(members)] {
				w := &Workload{
					File: rendered.Recipe.Doc.Name, Group: set.Group, Needed: needed[members[i]], // the one rendered is a copy
					Values: rendered.Values, recipe: rendered.Recipe, schema: r.schema,
				}
				if err := w.decode(rendered.Manifests); err != nil {
					return nil, err
				}
				wave[i] = w
			}
			waves, rest = append(waves, wave), rest[len(members):]
		}
	}
	return waves, nil
}
