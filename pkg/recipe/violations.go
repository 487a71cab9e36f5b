package recipe

import (
	"cmp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// violation is a value, or a key of an object, that violates the schema.
type violation struct {
	*jsonschema.ValidationError
	pointer string // to the value or the object, in the document
	key     string // of the object, or empty
	pos     source.Position
}

// violations returns the violations in an error of the library, in the order of the file.
// at is the pointer to the validated value.
func violations(doc *source.Document, at string, invalid *jsonschema.ValidationError) []violation {
	var all []violation
	collect(invalid, func(e *jsonschema.ValidationError) {
		location, keys := e.InstanceLocation, []string{""}
		switch k := e.ErrorKind.(type) {
		case *kind.AdditionalProperties:
			keys = k.Properties
		case *kind.Required:
			keys = k.Missing
		case *kind.FalseSchema:
			last := len(location) - 1
			location, keys = location[:last], location[last:]
		}
		pointer := at + source.Pointer(location...)
		for _, key := range keys {
			place := doc.ErrorAtKey(pointer, key, "")
			all = append(all, violation{e, pointer, key, place.Pos})
		}
	})
	slices.SortStableFunc(all, func(a, b violation) int {
		return cmp.Or(a.pos.Compare(b.pos), strings.Compare(a.SchemaURL, b.SchemaURL))
	})
	return all
}

// collect calls visit for the errors without causes. The other errors only describe the
// path to them.
func collect(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
	}
	for _, cause := range e.Causes {
		collect(cause, visit)
	}
}
