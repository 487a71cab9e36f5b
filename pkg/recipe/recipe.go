// Package recipe reads recipes from files and validates them against the chart's values
// schema. It returns all errors of a file together, with their positions.
//
//	source.Document ─Reader.Load→ Set of Recipes ─Resolve→ Recipe ─Schema.Validate→ errors with file:line:col
//	                                                          └─Values→ the values that helm reads from the same file
//
// A file contains one recipe, a group or a catalog of samples. The members of a group
// refer to each other, and Resolve replaces these references.
//
// The package has no knowledge of individual recipe keys. The schema defines their values,
// and why a key is ignored or refused, in standard keywords and the annotations x-ignored,
// x-deprecated, x-refused, x-wanted and x-references.
package recipe

import (
	"encoding/json"
	"strconv"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Recipe is one recipe and its position in a document.
type Recipe struct {
	// Doc is the document that contains the recipe, as it was read.
	Doc *source.Document
	// Pointer is the JSON Pointer of the recipe in Doc, "" for the whole document.
	Pointer string
	// Member is the name of the recipe in its group, or "".
	Member string

	sample     bool               // part of a sample of a catalog
	root       *source.Node       // the recipe, after Resolve without references
	group      map[string]*Recipe // the members by name; nil outside a group
	exports    []string           // values that other members may refer to
	references []Reference        // to other members, in the order of the file
	depends    []edge             // on other members, declared or by reference
}

// Values returns the recipe as chart values, decoded as Helm decodes a values file, with
// numbers as float64. The schema limits integers to those that float64 represents exactly.
func (r *Recipe) Values() map[string]any {
	values, _ := r.root.Decode(func(literal string) any {
		f, _ := strconv.ParseFloat(literal, 64) // a parsed literal is a number
		return f
	}).(map[string]any)
	return values
}

// JSON returns the recipe as JSON, with keys in the order of the file and all digits of
// numbers.
func (r *Recipe) JSON() []byte {
	text, _ := json.MarshalIndent(r.root, "", "  ") // a parsed tree always marshals
	return append(text, '\n')
}

// ErrorAt returns an error about the value at pointer, which is relative to the recipe.
func (r *Recipe) ErrorAt(pointer, format string, args ...any) *source.Error {
	return r.Doc.ErrorAt(r.Pointer+pointer, format, args...)
}
