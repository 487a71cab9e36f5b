package secrets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

const (
	payloadKey  = "secrets_payload"
	payloadHint = `use {"secrets_payload": [ … ]}, a list of operations, or a single operation`
)

// Parse returns the operations of a payload: {"secrets_payload": [ … ]}, a list of
// operations, or a single operation. Its error is a source.Errors with all errors, which
// do not quote values.
func Parse(doc *source.Document) ([]Operation, error) {
	p := &parser{doc: doc}
	ops := p.payload(doc.Root)
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return ops, nil
}

// parser collects the errors of one payload. Its methods take a value and its pointer for
// errors, in which keys may be masked.
type parser struct {
	doc      *source.Document
	problems source.Collector
	stdin    string // the pointer to the value that is read from standard input
}

// at adds an error about a value.
func (p *parser) at(pointer string, n *source.Node, hint, format string, args ...any) {
	p.add(pointer, n.Pos, hint, format, args...)
}

// atKey adds an error about a key of the object at pointer.
func (p *parser) atKey(pointer string, m source.Member, hint, format string, args ...any) {
	p.add(pointer+keyPointer(m), m.KeyPos, hint, format, args...)
}

func (p *parser) add(pointer string, pos source.Position, hint, format string, args ...any) {
	if p.problems.Skip() {
		return
	}
	p.problems.Add(&source.Error{File: p.doc.Name, Pos: pos, Pointer: pointer, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (p *parser) payload(root *source.Node) []Operation {
	has := func(key string) bool { return root.Member(key) != nil }
	switch {
	case root.Kind == source.Array:
		return p.operations("", root)
	case root.Kind != source.Object:
		p.at("", root, payloadHint, "must be a secrets payload, got %s", describe(root))
	case has(payloadKey):
		p.unknownKeys("", root, operationHints(), payloadKey)
		return p.operations(source.Pointer(payloadKey), root.Member(payloadKey))
	case isManifest(root):
		p.manifest("", root)
	case slices.ContainsFunc(operationKeys(), has):
		return []Operation{p.operation("", root)}
	default:
		p.noPayload(root)
	}
	return nil
}

// manifest adds one error for a Kubernetes manifest, instead of one for each key.
func (p *parser) manifest(at string, n *source.Node) {
	p.at(at, n, manifestHint, "must be a secrets payload, got %s", manifestKind(n))
}

// noPayload adds one error for an object that is neither a payload nor an operation. It is
// most likely another kind of file, so errors for each key would not help.
func (p *parser) noPayload(root *source.Node) {
	for _, m := range root.Members {
		near := source.Nearest(m.Key, []string{payloadKey}) != "" || slices.Contains(payloadKeys(), plain(m.Key))
		if near && m.Value.Kind != source.Null {
			p.atKey("", m, "", "unknown key; did you mean %q?", payloadKey)
			return
		}
	}
	p.at("", root, payloadHint, "not a secrets payload")
}

func (p *parser) operations(at string, list *source.Node) []Operation {
	if list.Kind != source.Array {
		p.at(at, list, "", "must be a list of operations, got %s", describe(list))
		return nil
	}
	if len(list.Items) == 0 {
		p.at(at, list, "", "must have at least one operation")
	}
	ops := make([]Operation, len(list.Items))
	for i, item := range list.Items {
		ops[i] = p.operation(at+source.Pointer(strconv.Itoa(i)), item)
	}
	return ops
}

// unknownKeys adds an error for every unknown key of the object at pointer, with its hint
// from hints, or else with the nearest or all known keys.
func (p *parser) unknownKeys(pointer string, object *source.Node, hints map[string]string, known ...string) {
	for _, m := range object.Members {
		if slices.Contains(known, m.Key) || p.problems.Skip() {
			continue
		}
		hint, near := hints[plain(m.Key)], source.Nearest(m.Key, known)
		switch {
		case near != "" && (hint == "" || plain(near) == plain(m.Key)):
			p.atKey(pointer, m, "", "unknown key; did you mean %q?", near)
		case hint == "":
			p.atKey(pointer, m, "use "+either(known), "unknown key")
		default:
			p.atKey(pointer, m, hint, "unknown key")
		}
	}
}

// describe returns the kind of a node with an article.
func describe(n *source.Node) string {
	switch n.Kind {
	case source.Null:
		return "null"
	case source.Array, source.Object:
		return "an " + n.Kind.String()
	}
	return "a " + n.Kind.String()
}

// either returns words as "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
