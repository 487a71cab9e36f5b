package secrets

import (
	"fmt"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// The sources of references, as spelled in the payload.
const (
	fromEnv    = "env"
	fromFile   = "file"
	fromStdin  = "stdin"
	fromPrompt = "prompt"
)

const valueFromKey = "valueFrom"

// reference is the source of a value.
type reference struct {
	kind string
	name string // the name of the variable or file, or the text of the prompt
	at   source.Error
}

// unresolved reports whether the operation has references that are not resolved.
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
		p.at(at, n, wrapHint(n), `must be a string or {"valueFrom": …}, got an object`)
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
		p.at(at, n, "", "must be an object with env, file, stdin or prompt, got %s", describe(n))
		return Value{}, false
	}
	p.unknownKeys(at, n, referenceHints(), fromKinds()...)
	if len(n.Members) != 1 {
		p.at(at, n, "", "must have one of env, file, stdin and prompt, got %d keys", len(n.Members))
		return Value{}, false
	}
	kind, name := n.Members[0].Key, n.Members[0].Value
	at += keyPointer(n.Members[0])
	switch {
	case !slices.Contains(fromKinds(), kind): // reported as unknown key
	case kind == fromStdin:
		if name.Kind != source.Bool || name.Text() != "true" {
			p.at(at, name, "", "must be true")
		}
		p.stdinOnce(at, name)
	case name.Kind != source.String || name.Text() == "":
		p.at(at, name, "", "must be %s", map[string]string{
			fromEnv: "the name of an environment variable", fromFile: "the path of a file", fromPrompt: "the text of a prompt",
		}[kind])
	}
	place := source.Error{File: p.doc.Name, Pos: name.Pos, Pointer: at}
	return Value{from: &reference{kind, name.Text(), place}}, true
}

func fromKinds() []string { return []string{fromEnv, fromFile, fromStdin, fromPrompt} }

// wrapHint returns a hint for a reference that lacks the enclosing valueFrom.
func wrapHint(n *source.Node) string {
	if len(n.Members) == 1 && slices.Contains(fromKinds(), n.Members[0].Key) {
		return fmt.Sprintf(`use {"valueFrom": {"%s": …}}`, n.Members[0].Key)
	}
	return ""
}

// stdinOnce adds an error if standard input is used more than once.
func (p *parser) stdinOnce(at string, n *source.Node) {
	switch {
	case p.doc.Name == "-":
		p.at(at, n, "read the payload from a file, or the value from env or file", "standard input is already used for the payload")
	case p.stdin != "":
		p.at(at, n, "use env or file", "standard input is already used for %s", p.stdin)
	default:
		p.stdin = at
	}
}
