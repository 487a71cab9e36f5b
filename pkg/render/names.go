package render

import (
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// nameKey is the pointer to the key from which object names are derived.
const nameKey = "/deployment_name"

// distinctNames adds an error to each recipe with the name or an object of an earlier one.
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
				"duplicate name %s (first used at %s)", names[i], placeOf(first)).WithRule(ruleDuplicateName).Hinted("use different names"))
			continue
		}
		recipes[names[i]] = rendered.Recipe
		for _, id := range rendered.Manifests.ids() {
			if first := objects[id]; first != nil {
				rendered.Errors = append(rendered.Errors, rendered.Recipe.ErrorAt(nameKey,
					"duplicate object %s (first created by the recipe at %s)", id, placeOf(first)).WithRule(ruleDuplicateName).Hinted("use different names"))
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

// Names finds recipes with the same name in different files. The zero value is ready to
// use.
type Names struct {
	first map[string]taken
}

// taken is the first recipe with a name.
type taken struct{ file, place string }

// Clashes returns a warning for each recipe whose name is used in another file, among all
// or the recipes of earlier calls. It ignores samples of catalogs.
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
				"duplicate name %s (first used at %s), so a namespace can have only one of them", name, first.place).WithRule(ruleDuplicateName))
		}
	}
	return warnings
}
