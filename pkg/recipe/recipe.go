// Package recipe turns files into recipes that are known to satisfy the
// chart's values schema, or into every fault of the file at once, each with its
// position.
//
//	source.Document ─Reader.Load→ Set of Recipes ─Resolve→ Recipe ─Schema.Validate→ faults with file:line:col
//	                                                          └─Values→ what helm would read from the same file
//
// A file holds one recipe, a group of them or a catalogue of samples; the
// members of a group refer to each other, and Resolve fills in what they refer
// to.
//
// The package knows no recipe key: what a key may hold, why it is ignored or
// refused and what to do instead is all said by the schema, in standard
// keywords and the annotations x-ignored, x-deprecated, x-refused, x-wanted
// and x-references.
package recipe

import (
	"encoding/json"
	"strconv"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Recipe is one recipe and its place in the document it comes from.
type Recipe struct {
	// Doc is the document that holds the recipe, as it was read.
	Doc *source.Document
	// Pointer leads to the recipe in Doc; it is empty where the document is
	// the recipe.
	Pointer string
	// Member is the recipe's name in its group, or empty.
	Member string

	sample     bool               // it is, or belongs to, a sample of a catalogue
	root       *source.Node       // the recipe, with what Resolve filled in
	group      map[string]*Recipe // the members by name; nil outside of a group
	exports    []string           // what others may refer to
	references []Reference        // to other members, in the order of the file
	depends    []edge             // on other members, whether said or by reference
}

// Values returns the recipe as chart values, decoded as helm decodes a values
// file: numbers are float64. The schema bounds integers to those that float64
// holds exactly.
func (r *Recipe) Values() map[string]any {
	values, _ := r.root.Decode(func(literal string) any {
		f, _ := strconv.ParseFloat(literal, 64) // a literal that was parsed is a number
		return f
	}).(map[string]any)
	return values
}

// JSON returns the recipe as it is after Resolve, keys in the order of the
// file and numbers with every digit.
func (r *Recipe) JSON() []byte {
	text, _ := json.MarshalIndent(r.root, "", "  ") // a tree that was parsed marshals
	return append(text, '\n')
}

// ErrorAt returns the fault of the value at pointer, which is relative to the recipe.
func (r *Recipe) ErrorAt(pointer, format string, args ...any) *source.Error {
	return r.Doc.ErrorAt(r.Pointer+pointer, format, args...)
}
