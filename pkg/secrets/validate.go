package secrets

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

func operationKeys() []string { return []string{"name", "action", "type", "data"} }

func (p *parser) operation(at string, n *source.Node) Operation {
	if n.Kind != source.Object {
		p.at(at, "is %s: want an operation, an object with %s", describe(n), either(operationKeys()))
		return Operation{}
	}
	p.unknownKeys(at, n, operationKeys()...)
	op := Operation{Name: p.name(at, n)}
	op.Action = Action(p.word(at, n, "action", string(ActionCreate), string(ActionUpdate), string(ActionDelete)))
	if op.Action != ActionDelete || n.Member("type") != nil {
		op.Type = Type(p.word(at, n, "type", string(TypeOpaque), string(TypeContainerRegistry)))
	}
	data := n.Member("data")
	switch {
	case op.Action == ActionDelete && data != nil:
		p.atKey(at, "data", "is of no use to a delete, which removes the whole Secret: remove it, or use action update with the keys to keep")
	case op.Action == ActionDelete:
	case data == nil:
		p.at(at, "has no data: want an object of keys and values")
	default:
		op.Data = p.data(at, op, data)
	}
	return op
}

// text returns the string under a key that has to be there.
func (p *parser) text(at string, object *source.Node, key, want string) (string, bool) {
	n := object.Member(key)
	switch {
	case n == nil:
		p.at(at, "has no %s: want %s", key, want)
	case n.Kind != source.String:
		p.at(at+source.Pointer(key), "is %s: want %s", describe(n), want)
	default:
		return n.Text(), true
	}
	return "", false
}

// word returns the string under a key that takes one of a few words, or the
// one that was meant, so that what depends on it is validated as well.
func (p *parser) word(at string, object *source.Node, key string, words ...string) string {
	want := either(words)
	text, ok := p.text(at, object, key, want)
	if !ok || slices.Contains(words, text) {
		return text
	}
	near := source.Nearest(text, words)
	if near != "" {
		want += ": did you mean " + near + "?"
	}
	p.at(at+source.Pointer(key), "want %s", want)
	return near
}

func (p *parser) name(at string, object *source.Node) string {
	name, ok := p.text(at, object, "name", "the name of the Secret")
	if ok && len(validation.IsDNS1123Subdomain(name)) > 0 {
		p.at(at+"/name", `is no name for a Secret: want at most 253 lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit`)
	}
	return name
}

func (p *parser) data(at string, op Operation, n *source.Node) map[string]Value {
	at += "/data"
	faults := len(p.faults)
	switch {
	case n.Kind != source.Object:
		p.at(at, "is %s: want an object of keys and values", describe(n))
	case op.Type == TypeOpaque:
		op.Data = p.opaque(at, n)
	case op.Type == TypeContainerRegistry:
		op.Data = p.registry(at, n)
	}
	if len(p.faults) == faults {
		p.size(at, op)
	}
	return op.Data
}

func (p *parser) opaque(at string, object *source.Node) map[string]Value {
	if len(object.Members) == 0 {
		p.at(at, "is empty: want at least one key")
	}
	data := make(map[string]Value, len(object.Members))
	for _, m := range object.Members {
		if len(validation.IsConfigMapKey(m.Key)) > 0 {
			p.atKey(at, m.Key, `is no key for a Secret: want 1 to 253 letters, digits, "-", "_" and ".", other than "." and ".."`)
		}
		if p.isText(at+source.Pointer(m.Key), m.Value) {
			data[m.Key] = newValue(m.Value.Text())
		}
	}
	return data
}

// isText refuses what isn't a string, because its bytes would be a guess.
func (p *parser) isText(at string, n *source.Node) bool {
	switch n.Kind {
	case source.String:
		return true
	case source.Number, source.Bool:
		p.at(at, "is %s: put it in quotes", describe(n))
	default:
		p.at(at, "is %s: want a string", describe(n))
	}
	return false
}

func (p *parser) registry(at string, object *source.Node) map[string]Value {
	p.unknownKeys(at, object, serverKey, usernameKey, passwordKey, emailKey)
	data := make(map[string]Value, len(object.Members))
	for _, key := range []string{serverKey, usernameKey, passwordKey, emailKey} {
		n := object.Member(key)
		switch {
		case n == nil && key == emailKey:
		case n == nil:
			p.at(at, "has no %s", key)
		case !p.isText(at+source.Pointer(key), n):
		default:
			data[key] = newValue(n.Text())
			if fault := credentialFault(key, n.Text()); fault != "" {
				p.at(at+source.Pointer(key), "%s", fault)
			}
		}
	}
	return data
}

// credentialFault says what is wrong with a value of a registry's data.
func credentialFault(key, text string) string {
	if strings.TrimSpace(text) == "" {
		return "is empty"
	}
	switch key {
	case serverKey:
		_, fault := normalServer(text)
		return fault
	case usernameKey:
		if strings.Contains(text, ":") {
			return "has a colon, which ends a user name where registries read it: put what follows in password"
		}
	}
	return ""
}

// size refuses what the server would.
func (p *parser) size(at string, op Operation) {
	total := 0
	for _, value := range op.secretData() {
		total += len(value)
	}
	if total > corev1.MaxSecretSize {
		p.at(at, "is more than the 1 MiB that a Secret can hold: split it")
	}
}
