package render

import (
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
)

// ruleNoProbe is the id of the warning of unprobed members.
const ruleNoProbe = "no-probe"

// warnOfUnprobed warns of each member of a group that others wait for, and that
// counts as ready as soon as its container runs.
func warnOfUnprobed(set *recipe.Set, all map[*recipe.Recipe]*Rendered) {
	waited := map[*recipe.Recipe]bool{}
	for _, r := range set.Recipes {
		for _, need := range r.Dependencies() {
			waited[need] = true
		}
	}
	for _, r := range set.Recipes {
		if rendered := all[r]; waited[r] && rendered.Manifests.unprobed() {
			rendered.Warnings = append(rendered.Warnings, r.ErrorAt("",
				"others of the group wait for it, but it has no readiness probe, so it counts as ready as soon as its container runs").WithRule(ruleNoProbe))
		}
	}
}

// unprobed reports whether there is a service none of whose containers has a
// readiness probe.
func (m Manifests) unprobed() bool {
	for _, manifest := range m.sorted {
		if !slices.Contains([]string{"Deployment", "LeaderWorkerSet"}, manifest.Head.Kind) {
			continue
		}
		object, err := decode(manifest.Content)
		if err == nil && !has(object.Object, "readinessProbe") {
			return true
		}
	}
	return false
}

// has reports whether there is a field of that name anywhere in value.
func has(value any, name string) bool {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if key == name || has(inner, name) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(inner any) bool { return has(inner, name) })
	}
	return false
}
