package recipe

import (
	"strconv"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// textMapper maps the strings of a recipe, together with its schema.
type textMapper struct {
	schema *Schema
	change func(pointer, text string, strict bool) string
}

// mapTexts returns the tree with every string replaced by the result of change. It shares
// unchanged parts. strict is false below a property with lenient x-references.
func (s *Schema) mapTexts(root *source.Node, change func(pointer, text string, strict bool) string) *source.Node {
	m := textMapper{s, change}
	return m.node(s.raw, root, "", true)
}

// node maps one value. schema is nil if the value is not in the schema.
func (m textMapper) node(schema, n *source.Node, pointer string, strict bool) *source.Node {
	strict = strict && annotation(schema, annotationReferences) != lenient
	switch n.Kind {
	case source.String:
		if text := m.change(pointer, n.Text(), strict); text != n.Text() {
			return n.WithText(text)
		}
	case source.Object:
		return m.object(schema, n, pointer, strict)
	case source.Array:
		return m.array(schema, n, pointer, strict)
	}
	return n
}

func (m textMapper) object(schema, n *source.Node, pointer string, strict bool) *source.Node {
	changed := *n
	changed.Members = make([]source.Member, len(n.Members))
	same := true
	for i, member := range n.Members {
		var property *source.Node
		if schema != nil {
			property = m.schema.property(schema, member.Key)
		}
		value := m.node(property, member.Value, pointer+source.Pointer(member.Key), strict)
		same = same && value == member.Value
		member.Value = value
		changed.Members[i] = member
	}
	if same {
		return n
	}
	return &changed
}

func (m textMapper) array(schema, n *source.Node, pointer string, strict bool) *source.Node {
	var items *source.Node
	if schema != nil {
		items = m.schema.items(schema)
	}
	changed := *n
	changed.Items = make([]*source.Node, len(n.Items))
	same := true
	for i, item := range n.Items {
		changed.Items[i] = m.node(items, item, pointer+"/"+strconv.Itoa(i), strict)
		same = same && changed.Items[i] == item
	}
	if same {
		return n
	}
	return &changed
}
