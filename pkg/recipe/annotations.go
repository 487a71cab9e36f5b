package recipe

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The annotations of properties that this package uses.
const (
	// annotationIgnored is the reason why a key has no effect. If it is empty, there is
	// no warning.
	annotationIgnored = "x-ignored"
	// annotationDeprecated is the key that replaces a deprecated one.
	annotationDeprecated = "x-deprecated"
	// annotationReferences is "lenient" for strings in which ${…} may have another
	// meaning. There, only the name of a member makes ${…} a reference.
	annotationReferences = "x-references"
	lenient              = "lenient"
	// annotationText is true if a number becomes a string, so that its spelling
	// matters.
	annotationText = "x-text"
)

// annotation returns the text of an annotation of a schema, or "".
func annotation(schema *source.Node, name string) string {
	if schema == nil || schema.Member(name) == nil {
		return ""
	}
	return schema.Member(name).Text()
}

// Warnings returns warnings about deprecated keys of r, and about numbers whose spelling is
// lost.
func (s *Schema) Warnings(r *Recipe) source.Errors {
	var found source.Errors
	s.walkKeys(s.raw, r.root, "", func(parent, key string, property *source.Node) {
		if instead := annotation(property, annotationDeprecated); instead != "" {
			found = append(found, r.Doc.ErrorAtKey(r.Pointer+parent, key, "deprecated; use %s", instead).WithRule(ruleDeprecatedKey))
		}
		if at := parent + source.Pointer(key); annotation(property, annotationText) == "true" && r.root.Find(at).Respelled() {
			found = append(found, r.ErrorAt(at, "is a number, whose spelling is not kept").WithRule(ruleNumberSpelling).Hinted("put it in quotes"))
		}
	})
	_ = found.Sorted()
	return found
}

// Ignored returns one warning about all keys without effect in the recipes of a document, or
// nil. It lists at most most keys, or all if most is 0.
func (s *Schema) Ignored(recipes []*Recipe, most int) *source.Error {
	var first *source.Error
	var keys []string
	for _, r := range recipes {
		s.walkKeys(s.raw, r.root, "", func(parent, key string, property *source.Node) {
			if annotation(property, annotationIgnored) == "" {
				return
			}
			if first == nil {
				first = r.Doc.ErrorAtKey(r.Pointer+parent, key, "")
				first.Pointer = r.Pointer
			}
			if name := strings.TrimPrefix(parent+source.Pointer(key), "/"); !slices.Contains(keys, name) {
				keys = append(keys, name)
			}
		})
	}
	if first == nil {
		return nil
	}
	slices.Sort(keys)
	have, more, shown := "have", "", keys
	if len(keys) == 1 {
		have = "has"
	}
	if most > 0 && len(keys) > most {
		shown, more = keys[:most], fmt.Sprintf(" and %d more", len(keys)-most)
	}
	first.Message = fmt.Sprintf("%s %s no effect outside OCI: %s%s", source.Count(len(keys), "key"), have, strings.Join(shown, ", "), more)
	return first.WithRule(ruleIgnoredKeys)
}

// walkKeys calls visit for every key of node that is a property in schema.
func (s *Schema) walkKeys(schema, node *source.Node, pointer string, visit func(parent, key string, property *source.Node)) {
	for _, m := range node.Members {
		property := s.property(schema, m.Key)
		if property == nil {
			continue
		}
		visit(pointer, m.Key, property)
		if m.Value.Kind == source.Object || m.Value.Kind == source.Array {
			s.walkKeys(property, m.Value, pointer+source.Pointer(m.Key), visit)
		}
	}
	items := s.items(schema)
	if items == nil {
		return
	}
	for i, item := range node.Items {
		s.walkKeys(items, item, pointer+"/"+strconv.Itoa(i), visit)
	}
}

// property returns the schema of a key of an object, or nil.
func (s *Schema) property(schema *source.Node, key string) *source.Node {
	schema = s.follow(schema)
	if properties := schema.Member("properties"); properties != nil {
		if property := properties.Member(key); property != nil {
			return s.follow(property)
		}
	}
	if others := schema.Member("additionalProperties"); others != nil && others.Kind == source.Object {
		return s.follow(others)
	}
	return nil
}

// items returns the schema of an array's items, or nil.
func (s *Schema) items(schema *source.Node) *source.Node {
	if items := s.follow(schema).Member("items"); items != nil {
		return s.follow(items)
	}
	return nil
}

// follow resolves a schema that is a reference within its file.
func (s *Schema) follow(schema *source.Node) *source.Node {
	for range 8 { // schemas with circular references do not compile
		pointer, local := strings.CutPrefix(annotation(schema, "$ref"), "#")
		target := s.raw.Find(pointer)
		if !local || target == nil {
			break
		}
		schema = target
	}
	return schema
}
