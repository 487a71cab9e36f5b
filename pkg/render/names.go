package render

import (
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// nameKey is the key of a recipe after which its objects are named.
const nameKey = "/deployment_name"

// distinctNames adds a fault to each recipe that makes an object of one before
// it.
func distinctNames(all []*Rendered) {
	if len(all) < 2 {
		return
	}
	names := make([]string, len(all))
	each(len(all), 16, func(i int) { names[i] = all[i].Manifests.Name() })
	recipes, objects := map[string]*recipe.Recipe{}, map[string]*recipe.Recipe{}
	for i, rendered := range all {
		if names[i] == "" {
			continue
		}
		if first := recipes[names[i]]; first != nil {
			rendered.Errors = append(rendered.Errors, rendered.Recipe.ErrorAt(nameKey,
				"becomes %s, as does the one at %s: give each its own name", names[i], placeOf(first)).WithRule(ruleDuplicateName))
			continue
		}
		recipes[names[i]] = rendered.Recipe
		for _, id := range rendered.Manifests.ids() {
			if first := objects[id]; first != nil {
				rendered.Errors = append(rendered.Errors, rendered.Recipe.ErrorAt(nameKey,
					"makes %s, as does the one at %s: give each its own name", id, placeOf(first)).WithRule(ruleDuplicateName))
				break
			}
			objects[id] = rendered.Recipe
		}
	}
}

// placeOf returns the position of a recipe's name.
func placeOf(r *recipe.Recipe) string {
	there := r.ErrorAt(nameKey, "")
	return fmt.Sprintf("%s:%d:%d", there.File, there.Pos.Line, there.Pos.Column)
}

// Names finds recipes of different files that become the same objects. The zero
// value is ready to use.
type Names struct {
	first map[string]taken
}

// taken is the recipe that was the first to have a name.
type taken struct{ file, place string }

// Clashes returns a warning for each of the recipes whose name one of another
// file has, be it among these or among those of an earlier call. It leaves out
// the samples of catalogues.
func (n *Names) Clashes(all []*Rendered) source.Errors {
	if n.first == nil {
		n.first = map[string]taken{}
	}
	var warnings source.Errors
	for _, rendered := range all {
		name, file := rendered.Manifests.Name(), rendered.Recipe.Doc.Name
		switch first, found := n.first[name]; {
		case name == "" || rendered.Recipe.IsSample():
		case !found:
			n.first[name] = taken{file, placeOf(rendered.Recipe)}
		case first.file != file:
			warnings = append(warnings, rendered.Recipe.ErrorAt(nameKey,
				"becomes %s, as does the one at %s, so a namespace can have only one of them", name, first.place).WithRule(ruleDuplicateName))
		}
	}
	return warnings
}
