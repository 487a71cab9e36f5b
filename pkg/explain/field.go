// Package explain is the model of the explain command: what the JSON Schemas of
// recipes, groups and payloads say about each field. It finds a field by its path
// and resolves references and branches of a schema on the way. It prints nothing.
package explain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Field is one field of a file as its JSON Schema tells of it. A list is told
// of as its items: they have the fields.
type Field struct {
	Name        string // empty for the file as a whole
	Type        string // such as "string", "[]Object" or "string or integer"
	Title       string
	Description string
	Required    bool
	Kubernetes  string // the part of a Kubernetes object that the field becomes
	Ignored     string // why the field has no effect
	Deprecated  string // what to write instead
	Refused     string // why the field is refused, and the way out
	Enum        []string
	Examples    []string // in JSON

	// RefusedValues are those that once were valid, each with the way out.
	RefusedValues []Refusal

	root  *source.Node
	views []*source.Node // all schemas that the value, or an item, is held to
	firm  []*source.Node // those of them that hold without a condition
}

// Refusal is a value that is refused.
type Refusal struct{ Value, Reason string }

// Parse returns the field that stands for the file as a whole, from the text of a
// JSON Schema.
func Parse(schema []byte) (*Field, error) {
	doc, err := source.Parse("schema", schema)
	if err != nil {
		return nil, fmt.Errorf("reading schema: %w", err)
	}
	return newField("", doc.Root, []*source.Node{doc.Root}), nil
}

// Find follows a path such as recipe_configmaps.default_mode. An element may
// end in [], as lists are told of by their items.
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
	where := "at the top level"
	if len(parents) > 0 {
		where = "in " + strings.Join(parents, ".")
	}
	if near := source.Nearest(name, f.names()); near != "" {
		return fmt.Errorf("there is no field %q %s: did you mean %s?", name, where, near)
	}
	if len(f.names()) == 0 {
		return fmt.Errorf("there is no field %q %s, which has no fields", name, where)
	}
	return fmt.Errorf("there is no field %q %s", name, where)
}

// Fields returns the fields of f, or of its items, in the order of the schema.
func (f *Field) Fields() []*Field {
	var all []*Field
	for _, name := range f.names() {
		all = append(all, f.child(name))
	}
	return all
}

// child returns the field under name, or nil. One that is refused, or that the
// user names, isn't among Fields. A name that is close to that of a field is
// taken for a slip, not for one of the user's.
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

// under returns the schemas of the property called name.
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

// requires reports whether name is required by the schema itself, rather than
// under a condition.
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
		text, _ := json.Marshal(example) // a tree that was parsed marshals
		f.Examples = append(f.Examples, string(text))
	}
	f.settleType()
	for _, value := range f.list("enum") {
		f.Enum = append(f.Enum, value.Text())
	}
	f.refuseValues()
	return f
}

// holdTo sets the schemas that the value is held to.
func (f *Field) holdTo(schemas []*source.Node) {
	f.views, f.firm = nil, nil
	for _, schema := range schemas {
		f.views = append(f.views, expand(f.root, schema, "then", "else")...)
		f.firm = append(f.firm, expand(f.root, schema)...)
	}
}

// refuseValues reads x-refused beside enum, where its keys are values.
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

// settleType names the type, and goes on from a list to its items. What may be
// either a list or an object with fields is told of as the object.
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

// typeName names the type as kubectl explain would.
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

// isMap reports whether the user names the keys.
func (f *Field) isMap() bool { return len(f.names()) == 0 && f.anyValue() != nil }

// anyValue returns the field for the values of a map, or nil.
func (f *Field) anyValue() *Field { return f.child("") }

// annotation returns the first text under name.
func (f *Field) annotation(name string) string {
	for _, view := range f.views {
		if text := annotation(view, name); text != "" {
			return text
		}
	}
	return ""
}

// list returns the first list under name.
func (f *Field) list(name string) []*source.Node {
	for _, view := range f.views {
		if n := view.Member(name); n != nil {
			return n.Items
		}
	}
	return nil
}

// expand returns the schema with all that it refers to and what stands in its
// branches, nearest first: what one of them tells of a field is told.
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
