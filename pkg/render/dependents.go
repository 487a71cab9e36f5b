package render

import (
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
)

// ruleNoProbe is the ID of the warning about members without a readiness probe.
const ruleNoProbe = "missing-readiness-probe"

// warnOfUnprobed adds a warning for each member of a group that others depend on and that
// has no readiness probe.
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
				"other members depend on it, but it has no readiness probe and is ready as soon as its container runs").WithRule(ruleNoProbe))
		}
	}
}

// unprobed reports whether a service has no container with a readiness probe.
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

// has reports whether value contains a field with that name at any depth.
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
