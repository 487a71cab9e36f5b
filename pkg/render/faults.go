package render

import (
	"errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The ids of rules between rendered recipes, and of one of the chart's that
// depends on the namespace.
const (
	ruleDefaultNamespace = "default-namespace"
	ruleNoExport         = "no-export"
	ruleDuplicateName    = "duplicate-name"
)

// positioned gives the chart's rule violations their place in the file.
func positioned(r *recipe.Recipe, err error) source.Errors {
	var rules *RuleError
	if !errors.As(err, &rules) {
		return source.Errors{r.At("", "%v", err)}
	}
	faults := place(r, rules.Violations)
	_ = faults.Sorted()
	return faults
}

func place(r *recipe.Recipe, violations []Violation) source.Errors {
	var faults source.Errors
	for _, v := range violations {
		faults = append(faults, r.At(v.Pointer, "%s", v.Message).By(v.Rule))
	}
	return faults
}

// nameKey is the key of a recipe after which its objects are named.
const nameKey = "/deployment_name"

// distinctNames adds a fault to each recipe whose objects are named as those of
// one before it.
func distinctNames(all []*Rendered) {
	if len(all) < 2 {
		return
	}
	names := make([]string, len(all))
	each(len(all), 16, func(i int) { names[i] = all[i].Manifests.Name() })
	holders := map[string]*Rendered{}
	for i, rendered := range all {
		if names[i] == "" {
			continue
		}
		first := holders[names[i]]
		if first == nil {
			holders[names[i]] = rendered
			continue
		}
		there := first.Recipe.At(nameKey, "")
		rendered.Faults = append(rendered.Faults, rendered.Recipe.At(nameKey,
			"becomes %s, as does the one at %s:%d:%d: give each its own name", names[i], there.File, there.Pos.Line, there.Pos.Column).By(ruleDuplicateName))
	}
}
