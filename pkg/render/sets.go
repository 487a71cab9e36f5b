package render

import (
	"slices"

	"helm.sh/helm/v3/pkg/chartutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Renderer renders recipes from files. Its errors and warnings have positions in these
// files.
type Renderer struct {
	Chart  *Chart
	Schema *recipe.Schema
	// Namespace is the namespace of the Services of a group.
	Namespace string
	// Values override the values of each recipe.
	Values map[string]any
}

// Rendered is the result for one recipe.
type Rendered struct {
	// Recipe has its references resolved, except references to members with errors.
	Recipe *recipe.Recipe
	// Values and Manifests are empty if there are errors.
	Values    map[string]any
	Manifests Manifests
	Errors    source.Errors
	Warnings  source.Errors
}

// Render validates and renders all recipes of the sets. It returns them in the order of the
// sets and, within a set, in the order of its waves. It validates but does not render
// recipes that refer to one with errors.
//
// All sets are for one namespace, so duplicate names are errors.
func (r *Renderer) Render(sets []*recipe.Set) []*Rendered {
	ordered := r.render(sets)
	distinctNames(ordered)
	r.warnOfIgnored(ordered, 3)
	return ordered
}

// Check returns the errors and warnings of Render for independent sets, which may have the
// same names. Single recipes get no manifests, because the chart's rules do not need them.
func (r *Renderer) Check(sets []*recipe.Set) []*Rendered {
	var singles, groups []*recipe.Set
	for _, set := range sets {
		if set.Group == "" && len(set.Recipes) == 1 {
			singles = append(singles, set)
		} else {
			groups = append(groups, set)
		}
	}
	rules := *r
	rules.Chart = r.Chart.rulesOnly()
	all := rules.render(singles)
	members := r.render(groups)
	rest := members
	for _, set := range groups {
		distinctNames(rest[:len(set.Recipes)])
		rest = rest[len(set.Recipes):]
	}
	all = append(all, members...)
	r.warnOfIgnored(all, 0)
	return all
}

func (r *Renderer) render(sets []*recipe.Set) []*Rendered {
	all := map[*recipe.Recipe]*Rendered{}
	for _, wave := range waves(sets) {
		for i, rendered := range r.wave(wave, all) {
			all[wave[i]] = rendered
		}
	}
	var ordered []*Rendered
	for _, set := range sets {
		warnOfUnprobed(set, all)
		for _, level := range set.DeployWaves() {
			for _, rec := range level {
				ordered = append(ordered, all[rec])
			}
		}
	}
	return ordered
}

// waves joins the waves of all sets, so that few batches render them.
func waves(sets []*recipe.Set) [][]*recipe.Recipe {
	var all [][]*recipe.Recipe
	for _, set := range sets {
		for i, wave := range set.RenderOrder() {
			if i == len(all) {
				all = append(all, nil)
			}
			all[i] = append(all[i], wave...)
		}
	}
	return all
}

// warnOfIgnored adds one warning per file about keys without effect. It lists at most most
// of them, or all if most is 0.
func (r *Renderer) warnOfIgnored(all []*Rendered, most int) {
	files := map[*source.Document][]*recipe.Recipe{}
	first := map[*source.Document]*Rendered{}
	for _, rendered := range all {
		doc := rendered.Recipe.Doc
		if files[doc] = append(files[doc], rendered.Recipe); first[doc] == nil {
			first[doc] = rendered
		}
	}
	for doc, recipes := range files {
		if warning := r.Schema.Ignored(recipes, most); warning != nil {
			first[doc].Warnings = append(first[doc].Warnings, warning)
		}
	}
}

// wave renders recipes that refer only to those in done.
func (r *Renderer) wave(recipes []*recipe.Recipe, done map[*recipe.Recipe]*Rendered) []*Rendered {
	results := make([]*Rendered, len(recipes))
	complete := make([]bool, len(recipes))
	each(len(recipes), 16, func(i int) {
		results[i], complete[i] = r.prepare(recipes[i], done)
	})
	var values []map[string]any
	var indices []int
	for i, result := range results {
		if complete[i] && len(result.Errors) == 0 {
			values, indices = append(values, result.Values), append(indices, i)
		}
	}
	for i, made := range r.Chart.RenderAll(values) {
		result := results[indices[i]]
		result.Manifests = made.Manifests
		result.Warnings = append(result.Warnings, place(result.Recipe, r.ofPlace(made.Manifests.Warnings()))...)
		if made.Err != nil {
			result.Errors, result.Values = positioned(result.Recipe, made.Err), nil
		}
	}
	return results
}

// prepare resolves and validates one recipe. It reports whether all references could be
// resolved.
func (r *Renderer) prepare(rec *recipe.Recipe, done map[*recipe.Recipe]*Rendered) (*Rendered, bool) {
	result := &Rendered{}
	complete := true
	result.Recipe = rec.Resolve(r.Schema, func(ref recipe.Reference) string {
		text, known, problem := r.export(done[ref.To], ref)
		if problem != "" {
			result.Errors = append(result.Errors, rec.ErrorAt(ref.Pointer, "%s", problem).WithRule(ruleNoExport))
		}
		complete = complete && known
		return text
	})
	result.Errors = append(result.Errors, r.Schema.Validate(result.Recipe)...)
	result.Warnings = r.Schema.Warnings(result.Recipe)
	if complete && len(result.Errors) == 0 {
		result.Values = result.Recipe.Values()
		if len(r.Values) > 0 {
			result.Values = chartutil.CoalesceTables(copied(r.Values), result.Values)
		}
	}
	return result, complete
}

// ofPlace returns the warnings that apply to the namespace.
func (r *Renderer) ofPlace(warnings []Violation) []Violation {
	return slices.DeleteFunc(warnings, func(v Violation) bool {
		return v.Rule == ruleDefaultNamespace && r.Namespace == metav1.NamespaceDefault
	})
}

// copied returns a copy of values and the maps in it, because CoalesceTables changes them.
func copied(values map[string]any) map[string]any {
	own := make(map[string]any, len(values))
	for key, value := range values {
		if inner, ok := value.(map[string]any); ok {
			value = copied(inner)
		}
		own[key] = value
	}
	return own
}
