package recipe

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The possible exports of a member.
const (
	ServiceName     = "service_name"
	InternalDNSName = "internal_dns_name"
	ServiceURL      = "service_url"
)

// Reference is a reference in a recipe to an export of another member.
type Reference struct {
	To     *Recipe
	Export string
	// Pointer is the JSON Pointer of the string with the reference, in the recipe.
	Pointer string
}

// References returns the references of r to other members, in the order of the file.
func (r *Recipe) References() []Reference { return r.references }

// referencePattern matches ${MEMBER.EXPORT}, and $${MEMBER.EXPORT}, its escaped form.
var referencePattern = regexp.MustCompile(`\$?\$\{([A-Za-z0-9][A-Za-z0-9_-]*)\.([A-Za-z0-9_-]+)\}`)

// refer collects and checks the references in a member's recipe.
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
		g.unknown(at, name, "for a literal ${…}, write $${…}")
	case to == member:
		g.report(ruleSelfReference, at, "write the value itself", "member refers to itself")
	case !slices.Contains(exports, export):
		similar := ""
		if near := source.Nearest(export, exports); near != "" {
			similar = fmt.Sprintf("; did you mean %q?", near)
		}
		g.report(ruleUnknownExport, at, "use "+either(exports), "unknown export%s", similar)
	case !slices.Contains(to.exports, export):
		g.report(ruleUndeclaredExport, at, fmt.Sprintf("add it to the exports of %s, at %s", name, g.pointerOf(to)), "%s does not export %s", name, export)
	default:
		member.references = append(member.references, Reference{to, export, pointer})
		member.depends = append(member.depends, edge{to, at})
	}
}

// Resolve returns r with each reference replaced by the result of value. Positions in the
// document do not change.
func (r *Recipe) Resolve(schema *Schema, value func(Reference) string) *Recipe {
	resolved := *r
	if r.group == nil {
		return &resolved // outside a group, ${…} is literal text
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
