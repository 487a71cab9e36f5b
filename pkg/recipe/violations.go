package recipe

import (
	"cmp"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// violation is one thing that the schema refuses: a value, or one key of an
// object.
type violation struct {
	*jsonschema.ValidationError
	pointer string // to the value or the object, in the document
	key     string // of the object, or empty
	pos     source.Position
}

// violations returns what an error of the library holds, in the order of the
// file. at is the pointer to what was judged.
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

// collect calls visit with the errors that have no cause of their own: those say
// what is wrong, the others only where the search went through.
func collect(e *jsonschema.ValidationError, visit func(*jsonschema.ValidationError)) {
	if len(e.Causes) == 0 {
		visit(e)
	}
	for _, cause := range e.Causes {
		collect(cause, visit)
	}
}
