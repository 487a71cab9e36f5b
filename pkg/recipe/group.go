package recipe

import (
	"fmt"
	"strconv"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// edge is one dependency and its position.
type edge struct {
	to      *Recipe
	pointer string // in the document
}

// group reads one deployment group.
type group struct {
	schema   *Schema // of recipes
	set      *Set
	members  map[string]*Recipe
	names    []string
	problems source.Collector
}

// loadGroup reads the members of the group in node into set.
func (r *Reader) loadGroup(set *Set, node *source.Node) source.Errors {
	schema, err := r.groups()
	if err != nil { // the embedded schema does not compile; tests detect that
		return source.Errors{set.Doc.ErrorAt(set.Pointer, "%v", err)}
	}
	g := &group{schema: r.recipes, set: set, members: map[string]*Recipe{}}
	g.problems.Add(schema.validate(set.Doc, set.Pointer, node)...)
	definition := node.Member(groupKey)
	set.Group = text(definition.Member("name"))
	at := set.Pointer + source.Pointer(groupKey, "deployments")
	deployments := definition.Member("deployments")
	if deployments == nil {
		return g.problems.Errors()
	}
	entries := map[*Recipe]*source.Node{}
	for i, entry := range deployments.Items {
		pointer := at + source.Pointer(strconv.Itoa(i))
		if member := g.member(pointer, entry); member != nil {
			set.Recipes = append(set.Recipes, member)
			entries[member] = entry
		}
	}
	for _, member := range set.Recipes {
		g.depends(member, entries[member])
		g.refer(member)
	}
	if g.problems.Len() == 0 {
		return cycles(set.Recipes)
	}
	return g.problems.Errors()
}

// member reads one entry and records its name. It returns nil if the entry has no recipe.
func (g *group) member(pointer string, entry *source.Node) *Recipe {
	root, name := entry.Member("recipe"), text(entry.Member("name"))
	if root == nil || root.Kind != source.Object {
		return nil
	}
	member := &Recipe{Doc: g.set.Doc, Pointer: pointer + "/recipe", Member: name, root: root}
	if exports := entry.Member("exports"); exports != nil {
		for _, item := range exports.Items {
			member.exports = append(member.exports, item.Text())
		}
	}
	if name == "" {
		return member // reported by the schema
	}
	if first := g.members[name]; first != nil {
		g.report(ruleDuplicateMember, pointer+"/name", "rename one of them", "duplicate member name (first defined at %s)", g.pointerOf(first))
		return member
	}
	g.members[name] = member
	g.names = append(g.names, name)
	return member
}

// depends reads the declared dependencies of a member.
func (g *group) depends(member *Recipe, entry *source.Node) {
	list := entry.Member("depends_on")
	if list == nil {
		return
	}
	for i, item := range list.Items {
		pointer := g.pointerOf(member) + source.Pointer("depends_on", strconv.Itoa(i))
		switch to := g.members[item.Text()]; {
		case item.Kind != source.String: // reported by the schema
		case to == nil:
			g.unknown(pointer, item.Text(), "")
		case to == member:
			g.report(ruleSelfReference, pointer, "remove it", "member depends on itself")
		default:
			member.depends = append(member.depends, edge{to, pointer})
		}
	}
}

// pointerOf returns the pointer to a member's entry.
func (g *group) pointerOf(member *Recipe) string {
	return member.Pointer[:len(member.Pointer)-len("/recipe")]
}

// unknown adds an error for the name of a missing member. It does not quote the name, which
// comes from the text of a recipe.
func (g *group) unknown(pointer, name, hint string) {
	if g.problems.Skip() { // finding the nearest name is slow
		return
	}
	similar := ""
	if near := source.Nearest(name, g.names); near != "" {
		similar = fmt.Sprintf("; did you mean %q?", near)
	}
	g.report(ruleUnknownMember, pointer, hint, "no member of the group has this name%s", similar)
}

// report adds an error with a hint, which may be empty.
func (g *group) report(rule, pointer, hint, format string, args ...any) {
	if !g.problems.Skip() {
		problem := g.set.Doc.ErrorAt(pointer, format, args...).WithRule(rule)
		problem.Hint = hint
		g.problems.Add(problem)
	}
}

// Dependencies returns the recipes that must be ready before r is deployed, each once.
func (r *Recipe) Dependencies() []*Recipe {
	var needs []*Recipe
	seen := map[*Recipe]bool{}
	for _, e := range r.depends {
		if !seen[e.to] {
			seen[e.to] = true
			needs = append(needs, e.to)
		}
	}
	return needs
}
