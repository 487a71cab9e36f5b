package recipe

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The exports that a member can have.
const (
	ServiceName     = "service_name"
	InternalDNSName = "internal_dns_name"
	ServiceURL      = "service_url"
)

// Reference is one place in a recipe that refers to another member's export.
type Reference struct {
	To     *Recipe
	Export string
	// Pointer leads to the text with the reference, from the recipe.
	Pointer string
}

// References returns the references of r to other members, in the order of the file.
func (r *Recipe) References() []Reference { return r.references }

// referencePattern is ${MEMBER.EXPORT} and what escapes it, a second dollar.
var referencePattern = regexp.MustCompile(`\$?\$\{([A-Za-z0-9][A-Za-z0-9_-]*)\.([A-Za-z0-9_-]+)\}`)

// refer collects the references in a member's recipe and checks each.
func (g *group) refer(member *Recipe) {
	member.group = g.members
	g.schema.mapTexts(member.root, func(pointer, text string, strict bool) string {
		for _, match := range referencePattern.FindAllStringSubmatch(text, -1) {
			escaped := strings.HasPrefix(match[0], "$$")
			if !escaped && (strict || g.members[match[1]] != nil) {
				g.reference(member, pointer, match[1], match[2])
			}
		}
		return text
	})
}

func (g *group) reference(member *Recipe, pointer, name, export string) {
	at := member.Pointer + pointer
	to, exports := g.members[name], []string{ServiceName, InternalDNSName, ServiceURL}
	switch {
	case to == nil:
		g.unknown(at, name, "; where ${…} is meant for another program, write $${…}")
	case to == member:
		g.report(ruleSelfReference, at, "the member refers to itself: write the value")
	case !slices.Contains(exports, export):
		hint := ""
		if near := source.Nearest(export, exports); near != "" {
			hint = ": did you mean " + near + "?"
		}
		g.report(ruleUnknownExport, at, "a member exports no such thing; there are %s%s", strings.Join(exports, ", "), hint)
	case !slices.Contains(to.exports, export):
		g.report(ruleUndeclaredExport, at, "%s does not export %s: add it to the exports of that member, at %s", name, export, g.pointerOf(to))
	default:
		member.references = append(member.references, Reference{to, export, pointer})
		member.depends = append(member.depends, edge{to, at})
	}
}

// Resolve returns r with each reference replaced by what value gives for it.
// Positions in the document stay what they are.
func (r *Recipe) Resolve(schema *Schema, value func(Reference) string) *Recipe {
	resolved := *r
	if r.group == nil {
		return &resolved // ${…} means nothing outside of a group
	}
	resolved.root = schema.mapTexts(r.root, func(pointer, text string, strict bool) string {
		return referencePattern.ReplaceAllStringFunc(text, func(match string) string {
			parts := referencePattern.FindStringSubmatch(match)
			to := r.group[parts[1]]
			switch {
			case strings.HasPrefix(match, "$$") && (strict || to != nil):
				return match[1:]
			case strings.HasPrefix(match, "$$") || to == nil:
				return match
			}
			return value(Reference{To: to, Export: parts[2], Pointer: pointer})
		})
	})
	return &resolved
}
