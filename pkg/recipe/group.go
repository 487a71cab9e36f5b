package recipe

import (
	"strconv"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// edge is one dependency: on whom, and where it is said.
type edge struct {
	to      *Recipe
	pointer string // in the document
}

// group is a deployment group while it is read.
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
	if err != nil { // the embedded schema does not compile, which a test would tell
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

// member reads one entry, as far as it has the right shape, and notes its name.
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
		return member // that it has none was told
	}
	if first := g.members[name]; first != nil {
		g.report(ruleDuplicateMember, pointer+"/name", "is the name of another member, too (at %s): give each its own", first.Pointer)
		return member
	}
	g.members[name] = member
	g.names = append(g.names, name)
	return member
}

// depends reads what a member says it depends on.
func (g *group) depends(member *Recipe, entry *source.Node) {
	list := entry.Member("depends_on")
	if list == nil {
		return
	}
	for i, item := range list.Items {
		pointer := g.pointerOf(member) + source.Pointer("depends_on", strconv.Itoa(i))
		switch to := g.members[item.Text()]; {
		case item.Kind != source.String: // which was told
		case to == nil:
			g.unknown(pointer, item.Text(), "")
		case to == member:
			g.report(ruleSelfReference, pointer, "the member depends on itself: remove it")
		default:
			member.depends = append(member.depends, edge{to, pointer})
		}
	}
}

// pointerOf returns the pointer to a member's entry.
func (g *group) pointerOf(member *Recipe) string {
	return member.Pointer[:len(member.Pointer)-len("/recipe")]
}

// unknown adds the fault of a name that no member has. It does not quote the name, which
// comes from the text of a recipe.
func (g *group) unknown(pointer, name, more string) {
	if g.problems.Skip() { // to look for the nearest name takes long
		return
	}
	hint := ""
	if near := source.Nearest(name, g.names); near != "" {
		hint = ": did you mean " + near + "?"
	}
	g.report(ruleUnknownMember, pointer, "the group has no member of this name%s%s", hint, more)
}

func (g *group) report(rule, pointer, format string, args ...any) {
	if !g.problems.Skip() {
		g.problems.Add(g.set.Doc.ErrorAt(pointer, format, args...).WithRule(rule))
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
