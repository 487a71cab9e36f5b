package secrets

import (
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
		p.at(at, "is an object: "+wantValue)
		return Value{}, false
	}
	p.unknownKeys(at, n, valueFromKey)
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
		p.at(at, "is %s: "+wantReference, describe(n))
		return Value{}, false
	}
	p.unknownKeys(at, n, fromEnv, fromFile, fromStdin, fromPrompt)
	if len(n.Members) != 1 {
		p.at(at, "has %d keys: "+wantReference, len(n.Members))
		return Value{}, false
	}
	kind, name := n.Members[0].Key, n.Members[0].Value
	at += source.Pointer(kind)
	switch {
	case kind == fromStdin:
		if name.Kind != source.Bool || name.Text() != "true" {
			p.at(at, "want true")
		}
		p.stdinOnce(at)
	case name.Kind != source.String || name.Text() == "":
		p.at(at, "want %s", map[string]string{
			fromEnv: "the name of an environment variable", fromFile: "the path of a file", fromPrompt: "the text of a prompt",
		}[kind])
	}
	return Value{from: &reference{kind, name.Text(), *p.doc.At(at, "")}}, true
}

// stdinOnce refuses to read standard input a second time.
func (p *parser) stdinOnce(at string) {
	switch {
	case p.doc.Name == "-":
		p.at(at, "is the payload itself: read the payload from a file, or the value from env or file")
	case p.stdin != "":
		p.at(at, "is read already, for %s: use env or file", p.stdin)
	default:
		p.stdin = at
	}
}
