package recipe

import (
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// DeployWaves returns the recipes in the order in which they can be deployed: each wave
// depends only on earlier waves, and has the order of the file.
func (s *Set) DeployWaves() [][]*Recipe {
	return waves(s.Recipes, (*Recipe).Dependencies)
}

// RenderOrder returns the order in which the recipes can be rendered: each wave refers only
// to recipes of earlier waves.
func (s *Set) RenderOrder() [][]*Recipe {
	return waves(s.Recipes, func(r *Recipe) []*Recipe {
		var needs []*Recipe
		for _, reference := range r.references {
			needs = append(needs, reference.To)
		}
		return needs
	})
}

// waves puts each recipe into the wave after the last one that it needs. Recipes in a
// cycle, which Load has reported, come last.
func waves(recipes []*Recipe, needs func(*Recipe) []*Recipe) [][]*Recipe {
	waiting, followers := map[*Recipe]int{}, map[*Recipe][]*Recipe{}
	level := map[*Recipe]int{}
	var ready []*Recipe
	for _, r := range recipes {
		on := needs(r)
		waiting[r] = len(on)
		for _, to := range on {
			followers[to] = append(followers[to], r)
		}
		if len(on) == 0 {
			ready = append(ready, r)
		}
	}
	last := 0
	for len(ready) > 0 {
		r := ready[0]
		ready = ready[1:]
		last = max(last, level[r])
		for _, follower := range followers[r] {
			level[follower] = max(level[follower], level[r]+1)
			if waiting[follower]--; waiting[follower] == 0 {
				ready = append(ready, follower)
			}
		}
	}
	ordered := make([][]*Recipe, last+1)
	var circular []*Recipe
	for _, r := range recipes {
		if waiting[r] > 0 {
			circular = append(circular, r)
			continue
		}
		ordered[level[r]] = append(ordered[level[r]], r)
	}
	if len(circular) > 0 {
		ordered = append(ordered, circular)
	}
	return ordered
}

// cycles returns an error for each cycle that a depth-first search in the order of the file
// finds, at the dependency that closes it.
func cycles(recipes []*Recipe) source.Errors {
	w := &walk{state: map[*Recipe]int{}}
	for _, r := range recipes {
		w.visit(r)
	}
	return w.problems.Errors()
}

// walk is a depth-first search for cycles.
type walk struct {
	path     []*Recipe
	state    map[*Recipe]int // missing, onPath or done
	problems source.Collector
}

const (
	onPath = iota + 1
	done
)

func (w *walk) visit(r *Recipe) {
	if w.state[r] != 0 {
		return
	}
	w.state[r] = onPath
	w.path = append(w.path, r)
	reported := map[*Recipe]bool{}
	for _, e := range r.depends {
		if w.state[e.to] == onPath && !reported[e.to] {
			reported[e.to] = true
			if w.problems.Skip() {
				continue
			}
			w.problems.Add(r.Doc.ErrorAt(e.pointer, "circular dependency: %s", w.name(e.to)).WithRule(ruleCycle))
		}
		w.visit(e.to)
	}
	w.path = w.path[:len(w.path)-1]
	w.state[r] = done
}

// name returns the cycle that ends at member to, as a → b → a.
func (w *walk) name(to *Recipe) string {
	const longest = 10
	var names []string
	for _, r := range w.path {
		if r == to || len(names) > 0 {
			names = append(names, r.Member)
		}
	}
	if len(names) > longest {
		names = append(names[:longest-1:longest-1], "…")
	}
	return strings.Join(append(names, to.Member), " → ")
}
