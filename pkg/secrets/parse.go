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
	wantPayload = `want {"secrets_payload": [ … ]}, a list of operations, or one operation`
)

// Parse reads the operations of a payload: {"secrets_payload": [ … ]}, a bare
// list of operations, or one operation. Its error is a source.Errors with
// everything that is wrong and quotes no value.
func Parse(doc *source.Document) ([]Operation, error) {
	p := &parser{doc: doc}
	ops := p.payload(doc.Root)
	if err := p.problems.Err(); err != nil {
		return nil, err
	}
	return ops, nil
}

// parser collects the faults of one payload. Its methods take a value together
// with the pointer that errors have for it, in which keys may be hidden.
type parser struct {
	doc      *source.Document
	problems source.Collector
	stdin    string // the pointer to the value that is to come from standard input
}

// at adds a fault of a value.
func (p *parser) at(pointer string, n *source.Node, format string, args ...any) {
	p.add(pointer, n.Pos, "", format, args...)
}

// atKey adds a fault of a key of the object at pointer.
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
		p.at("", root, "is %s: %s", describe(root), wantPayload)
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

// manifest refuses an object of Kubernetes, without a word on each of its keys.
func (p *parser) manifest(at string, n *source.Node) {
	p.add(at, n.Pos, manifestHint, "is %s, not a secrets payload", manifestKind(n))
}

// noPayload explains an object that is neither a payload nor an operation. It
// doesn't complain of each key: most likely this is another kind of file.
func (p *parser) noPayload(root *source.Node) {
	for _, m := range root.Members {
		near := source.Nearest(m.Key, []string{payloadKey}) != "" || slices.Contains(payloadKeys(), plain(m.Key))
		if near && m.Value.Kind != source.Null {
			p.atKey("", m, "", "is an unknown key: did you mean %q?", payloadKey)
			return
		}
	}
	p.at("", root, "is no secrets payload: %s", wantPayload)
}

func (p *parser) operations(at string, list *source.Node) []Operation {
	if list.Kind != source.Array {
		p.at(at, list, "is %s: want a list of operations", describe(list))
		return nil
	}
	if len(list.Items) == 0 {
		p.at(at, list, "is empty: want at least one operation")
	}
	ops := make([]Operation, len(list.Items))
	for i, item := range list.Items {
		ops[i] = p.operation(at+source.Pointer(strconv.Itoa(i)), item)
	}
	return ops
}

// unknownKeys adds a fault for every key of the object at pointer that isn't
// known, with the hint for its plain spelling, if there is one.
func (p *parser) unknownKeys(pointer string, object *source.Node, hints map[string]string, known ...string) {
	for _, m := range object.Members {
		if slices.Contains(known, m.Key) || p.problems.Skip() {
			continue
		}
		hint, near := hints[plain(m.Key)], source.Nearest(m.Key, known)
		switch {
		case near != "" && (hint == "" || plain(near) == plain(m.Key)):
			p.atKey(pointer, m, "", "is an unknown key: did you mean %q?", near)
		default:
			p.atKey(pointer, m, hint, "is an unknown key: want %s", either(known))
		}
	}
}

// describe names the kind of a node with its article.
func describe(n *source.Node) string {
	switch n.Kind {
	case source.Null:
		return "null"
	case source.Array, source.Object:
		return "an " + n.Kind.String()
	}
	return "a " + n.Kind.String()
}

// either joins words as "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
