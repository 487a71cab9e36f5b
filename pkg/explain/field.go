// Package explain describes the fields of recipes, groups and payloads from their JSON
// Schemas. It finds fields by their paths, resolves references and branches of schemas,
// and prints descriptions in the layout of 'kubectl explain'. It knows no command.
package explain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Field describes one field of a file, from its JSON Schema. A list is described by its
// items, which have the fields.
type Field struct {
	Name        string // empty for the file as a whole
	Type        string // such as "string", "[]Object" or "string or integer"
	Title       string
	Description string
	Required    bool
	Kubernetes  string // the field of a Kubernetes object that this field becomes
	Ignored     string // why the field has no effect
	Deprecated  string // the field that replaces it
	Refused     string // why the field is refused, and the alternative
	Enum        []string
	Examples    []string // in JSON

	// RefusedValues are values of the upstream format that are not supported.
	RefusedValues []Refusal

	root  *source.Node
	views []*source.Node // all schemas of the value or of an item
	firm  []*source.Node // the unconditional ones among views
}

// Refusal is a refused value, with the reason and the alternative.
type Refusal struct{ Value, Reason string }

// Parse returns the field for the whole file, from the text of a JSON Schema.
func Parse(schema []byte) (*Field, error) {
	doc, err := source.Parse("schema", schema)
	if err != nil {
		return nil, fmt.Errorf("cannot read schema: %w", err)
	}
	return newField("", doc.Root, []*source.Node{doc.Root}), nil
}

// Find returns the field at a path such as recipe_configmaps.default_mode. Elements may end
// with [].
func (f *Field) Find(path string) (*Field, error) {
	var parents []string
	for name := range strings.SplitSeq(path, ".") {
		name = strings.TrimSuffix(name, "[]")
		child := f.child(name)
		if child == nil {
			return nil, f.noField(name, parents)
		}
		f, parents = child, append(parents, name)
	}
	return f, nil
}

func (f *Field) noField(name string, parents []string) error {
	where := ""
	if len(parents) > 0 {
		where = " in " + strings.Join(parents, ".")
	}
	if near := source.Nearest(name, f.names()); near != "" {
		return fmt.Errorf("field %q not found%s; did you mean %q?", name, where, near)
	}
	if len(f.names()) == 0 {
		return fmt.Errorf("field %q not found%s, which has no fields", name, where)
	}
	return fmt.Errorf("field %q not found%s", name, where)
}

// Fields returns the fields of f, or of its items, in the order of the schema.
func (f *Field) Fields() []*Field {
	var all []*Field
	for _, name := range f.names() {
		all = append(all, f.child(name))
	}
	return all
}

// child returns the field with a name, or nil. This includes refused fields and keys of
// maps, which Fields does not return. In a map with named fields, a name that is close to
// one of them counts as misspelled.
func (f *Field) child(name string) *Field {
	if views := f.under(name); views != nil {
		child := newField(name, f.root, views)
		child.Required = f.requires(name)
		return child
	}
	for _, view := range f.views {
		if reason := annotation(view.Member("x-refused"), name); reason != "" {
			return &Field{Name: name, Refused: reason, root: f.root}
		}
	}
	if source.Nearest(name, f.names()) != "" {
		return nil
	}
	for _, view := range f.views {
		if others := view.Member("additionalProperties"); others != nil && others.Kind == source.Object {
			return newField(name, f.root, []*source.Node{others})
		}
	}
	return nil
}

// under returns the schemas of a property.
func (f *Field) under(name string) []*source.Node {
	var found []*source.Node
	for _, view := range f.views {
		properties := view.Member("properties")
		if properties == nil {
			continue
		}
		if p := properties.Member(name); p != nil && p.Kind == source.Object {
			found = append(found, p)
		}
	}
	return found
}

// names returns the names of the properties in the order of the schema.
func (f *Field) names() []string {
	var all []string
	for _, view := range f.views {
		properties := view.Member("properties")
		if properties == nil {
			continue
		}
		for _, m := range properties.Members {
			if !slices.Contains(all, m.Key) && f.under(m.Key) != nil {
				all = append(all, m.Key)
			}
		}
	}
	return all
}

// requires reports whether name is required unconditionally.
func (f *Field) requires(name string) bool {
	return slices.ContainsFunc(f.firm, func(view *source.Node) bool {
		required := view.Member("required")
		return required != nil && slices.ContainsFunc(required.Items, func(n *source.Node) bool { return n.Text() == name })
	})
}

func newField(name string, root *source.Node, schemas []*source.Node) *Field {
	f := &Field{Name: name, root: root}
	f.holdTo(schemas)
	f.Title = f.annotation("title")
	f.Description = f.annotation("description")
	f.Kubernetes = f.annotation("x-kubernetes")
	f.Ignored = f.annotation("x-ignored")
	f.Deprecated = f.annotation("x-deprecated")
	for _, example := range f.list("examples") {
		text, _ := json.Marshal(example) // a parsed tree always marshals
		f.Examples = append(f.Examples, string(text))
	}
	f.settleType()
	for _, value := range f.list("enum") {
		f.Enum = append(f.Enum, value.Text())
	}
	f.refuseValues()
	return f
}

// holdTo sets the schemas that describe the value.
func (f *Field) holdTo(schemas []*source.Node) {
	f.views, f.firm = nil, nil
	for _, schema := range schemas {
		f.views = append(f.views, expand(f.root, schema, "then", "else")...)
		f.firm = append(f.firm, expand(f.root, schema)...)
	}
}

// refuseValues reads x-refused next to enum, where its keys are values.
func (f *Field) refuseValues() {
	for _, view := range f.views {
		refused := view.Member("x-refused")
		if refused == nil || view.Member("enum") == nil {
			continue
		}
		for _, m := range refused.Members {
			f.RefusedValues = append(f.RefusedValues, Refusal{m.Key, m.Value.Text()})
		}
	}
}

// settleType sets the type. For a list it continues with the items, unless the value may
// also be an object with fields.
func (f *Field) settleType() {
	lists := ""
	for len(f.names()) == 0 {
		var items []*source.Node
		for _, view := range f.views {
			if item := view.Member("items"); item != nil {
				items = append(items, item)
			}
		}
		if items == nil {
			break
		}
		lists += "[]"
		f.holdTo(items)
	}
	f.Type = lists + f.typeName()
}

// typeName returns the type in the form of kubectl explain.
func (f *Field) typeName() string {
	if f.isMap() {
		return "map[string]" + f.anyValue().Type
	}
	var names []string
	for _, view := range f.views {
		t := view.Member("type")
		if t == nil {
			continue
		}
		for _, n := range append([]*source.Node{t}, t.Items...) {
			if n.Kind == source.String {
				names = append(names, strings.ReplaceAll(n.Text(), "object", "Object"))
			}
		}
		break
	}
	return strings.Join(names, " or ")
}

// isMap reports whether the keys are arbitrary.
func (f *Field) isMap() bool { return len(f.names()) == 0 && f.anyValue() != nil }

// anyValue returns the field for the values of a map, or nil.
func (f *Field) anyValue() *Field { return f.child("") }

// annotation returns the first non-empty text of an annotation.
func (f *Field) annotation(name string) string {
	for _, view := range f.views {
		if text := annotation(view, name); text != "" {
			return text
		}
	}
	return ""
}

// list returns the first list of a keyword.
func (f *Field) list(name string) []*source.Node {
	for _, view := range f.views {
		if n := view.Member(name); n != nil {
			return n.Items
		}
	}
	return nil
}

// expand returns the schema, the schemas that it refers to, and the schemas in its
// branches, nearest first.
func expand(root, schema *source.Node, branches ...string) []*source.Node {
	if schema == nil || schema.Kind != source.Object {
		return nil
	}
	all := []*source.Node{schema}
	if ref := annotation(schema, "$ref"); ref != "" {
		all = append(all, expand(root, root.Find(strings.TrimPrefix(ref, "#")), branches...)...)
	}
	if parts := schema.Member("allOf"); parts != nil {
		for _, part := range parts.Items {
			all = append(all, expand(root, part, branches...)...)
		}
	}
	for _, branch := range branches {
		all = append(all, expand(root, schema.Member(branch), branches...)...)
	}
	return all
}

// annotation returns the text of an annotation of a schema, or "".
func annotation(schema *source.Node, name string) string {
	if schema == nil || schema.Member(name) == nil {
		return ""
	}
	return schema.Member(name).Text()
}
