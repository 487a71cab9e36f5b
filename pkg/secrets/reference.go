package secrets

import (
	"fmt"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The places that a value by reference can come from, as the payload spells
// them.
const (
	fromEnv    = "env"
	fromFile   = "file"
	fromStdin  = "stdin"
	fromPrompt = "prompt"
)

const (
	valueFromKey  = "valueFrom"
	wantValue     = `want a string or {"valueFrom": …}`
	wantReference = "want an object with one of env, file, stdin or prompt"
)

// reference is where a value is to come from.
type reference struct {
	kind string
	name string // of the variable or file, or the text of the prompt
	at   source.Error
}

// unresolved reports whether values of the operation are still references.
func (op Operation) unresolved() bool {
	for _, values := range append([]map[string]Value{op.Data}, op.Registries...) {
		for _, value := range values {
			if value.from != nil {
				return true
			}
		}
	}
	return false
}

// value reads a string or a reference.
func (p *parser) value(at string, n *source.Node) (Value, bool) {
	if n.Kind != source.Object {
		return p.plain(at, n)
	}
	from := n.Member(valueFromKey)
	if from == nil {
		p.add(at, n.Pos, wrapHint(n), "is an object: "+wantValue)
		return Value{}, false
	}
	p.unknownKeys(at, n, nil, valueFromKey)
	return p.reference(at, from)
}

func (p *parser) plain(at string, n *source.Node) (Value, bool) {
	if !p.isText(at, n) {
		return Value{}, false
	}
	return newValue(n.Text()), true
}

func (p *parser) reference(valueAt string, n *source.Node) (Value, bool) {
	at := valueAt + source.Pointer(valueFromKey)
	if n.Kind != source.Object {
		p.at(at, n, "is %s: "+wantReference, describe(n))
		return Value{}, false
	}
	p.unknownKeys(at, n, referenceHints(), fromKinds()...)
	if len(n.Members) != 1 {
		p.at(at, n, "has %d keys: "+wantReference, len(n.Members))
		return Value{}, false
	}
	kind, name := n.Members[0].Key, n.Members[0].Value
	at += keyPointer(n.Members[0])
	switch {
	case !slices.Contains(fromKinds(), kind): // which is an error already
	case kind == fromStdin:
		if name.Kind != source.Bool || name.Text() != "true" {
			p.at(at, name, "want true")
		}
		p.stdinOnce(at, name)
	case name.Kind != source.String || name.Text() == "":
		p.at(at, name, "want %s", map[string]string{
			fromEnv: "the name of an environment variable", fromFile: "the path of a file", fromPrompt: "the text of a prompt",
		}[kind])
	}
	place := source.Error{File: p.doc.Name, Pos: name.Pos, Pointer: at}
	return Value{from: &reference{kind, name.Text(), place}}, true
}

func fromKinds() []string { return []string{fromEnv, fromFile, fromStdin, fromPrompt} }

// wrapHint returns what is most likely missing around an object with the keys of a
// reference.
func wrapHint(n *source.Node) string {
	if len(n.Members) == 1 && slices.Contains(fromKinds(), n.Members[0].Key) {
		return fmt.Sprintf(`wrap it: {"valueFrom": {"%s": …}}`, n.Members[0].Key)
	}
	return ""
}

// stdinOnce refuses to read standard input a second time.
func (p *parser) stdinOnce(at string, n *source.Node) {
	switch {
	case p.doc.Name == "-":
		p.at(at, n, "is the payload itself: read the payload from a file, or the value from env or file")
	case p.stdin != "":
		p.at(at, n, "is read already, for %s: use env or file", p.stdin)
	default:
		p.stdin = at
	}
}
