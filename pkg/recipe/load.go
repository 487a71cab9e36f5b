package recipe

import (
	_ "embed" // the schema of groups
	"slices"
	"sync"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The keys that distinguish the shapes of a file.
const (
	groupKey   = "deployment_group"
	samplesKey = "pre_filled_samples"
	titleKey   = "pre_filled_sample_name"
	entryKey   = "blueprint_title" // of one entry in a list of catalogs
)

//go:embed group.schema.json
var groupSchema []byte

// GroupSchema returns the JSON Schema of deployment groups.
func GroupSchema() []byte { return append([]byte(nil), groupSchema...) }

// IsRecipe reports whether a document is a recipe, a group or a catalog rather than a
// secrets payload.
func IsRecipe(root *source.Node) bool {
	return isCatalog(root) || slices.ContainsFunc([]string{"recipe_mode", "recipe_image_uri", groupKey}, func(key string) bool {
		return root.Member(key) != nil
	})
}

// Set is a single recipe, or the members of a group.
type Set struct {
	// Doc and Pointer are the position of the recipe or the group.
	Doc     *source.Document
	Pointer string
	// Title is the name of the sample in a catalog, or "".
	Title string
	// Entry is the title of the sample's entry in a list of catalog entries, or "".
	Entry string
	// Group is the name of the group, or "" for a single recipe.
	Group string
	// Recipes are in the order of the file.
	Recipes []*Recipe
}

// Reader reads recipes from documents. It is safe for concurrent use.
type Reader struct {
	recipes *Schema
	groups  func() (*Schema, error) // compiled for the first group
}

// NewReader returns a Reader of recipes that must satisfy schema.
func NewReader(schema *Schema) *Reader {
	return &Reader{recipes: schema, groups: sync.OnceValues(func() (*Schema, error) { return CompileSchema(groupSchema) })}
}

// Load returns the sets of a document: one, or one for each sample of a catalog or of a
// list of catalog entries. It reports errors in the structure of the file and between
// members of a group; Schema.Validate checks the recipes themselves. The sets contain
// everything that could be read, so that all errors can be reported together.
func (r *Reader) Load(doc *source.Document) ([]*Set, source.Errors) {
	root := doc.Root
	switch {
	case isCatalog(root):
		c := &catalog{reader: r, doc: doc}
		c.load()
		return c.sets, c.problems.Errors()
	case root.Kind != source.Object:
		return nil, source.Errors{doc.ErrorAt("", "must be a recipe (an object with recipe_mode and deployment_name), got %s", withArticle(root.Kind.String())).WithRule(ruleShape)}
	}
	set, problems := r.loadSet(doc, "", root)
	return []*Set{set}, problems
}

// loadSet reads the recipe or the group at pointer.
func (r *Reader) loadSet(doc *source.Document, pointer string, node *source.Node) (*Set, source.Errors) {
	set := &Set{Doc: doc, Pointer: pointer, Title: text(node.Member(titleKey))}
	if key := misspelt(node); key != "" {
		return set, source.Errors{doc.ErrorAtKey(pointer, key, "unknown key; did you mean %q?", groupKey).WithRule(ruleUnknownKey)}
	}
	if node.Member(groupKey) != nil {
		return set, r.loadGroup(set, node)
	}
	set.Recipes = []*Recipe{{Doc: doc, Pointer: pointer, root: node}}
	return set, nil
}

// misspelt returns a key of an object that is probably a misspelled deployment_group, or
// "".
func misspelt(node *source.Node) string {
	if node.Member(groupKey) != nil || node.Member("recipe_mode") != nil {
		return ""
	}
	for _, m := range node.Members {
		if source.Nearest(m.Key, []string{groupKey}) != "" && m.Value.Member("deployments") != nil {
			return m.Key
		}
	}
	return ""
}

// text returns the text of a node, or "" for nil.
func text(n *source.Node) string {
	if n == nil {
		return ""
	}
	return n.Text()
}
