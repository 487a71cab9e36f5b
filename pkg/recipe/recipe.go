// Package recipe turns files into recipes that are known to satisfy the
// chart's values schema, or into every fault of the file at once, each with its
// position.
//
//	source.Document ─Load→ Recipe ─Schema.Validate→ errors with file:line:col
//	                         └─Values→ what helm would read from the same file
//
// The package knows no recipe key: what a key may hold, why it is ignored or
// refused and what to do instead is all said by the schema, in standard
// keywords and the annotations x-ignored, x-refused and x-wanted.
package recipe

import (
	"encoding/json"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Recipe is one recipe and the document it comes from.
type Recipe struct {
	Doc *source.Document
}

// Load takes the recipe out of a document. The error is a source.Errors.
func Load(doc *source.Document) (*Recipe, error) {
	if doc.Root.Kind != source.Object {
		return nil, source.Errors{doc.At("", "found %s, want a recipe: an object with recipe_mode and deployment_name", withArticle(doc.Root.Kind.String()))}
	}
	return &Recipe{Doc: doc}, nil
}

// Values returns the recipe as chart values, decoded as helm decodes a values
// file: numbers are float64. The schema bounds integers to those that float64
// holds exactly.
func (r *Recipe) Values() map[string]any {
	text, _ := json.Marshal(r.Doc.Root) // a tree that was parsed marshals
	values := map[string]any{}
	_ = json.Unmarshal(text, &values)
	return values
}
