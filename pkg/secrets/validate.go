package secrets

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

func operationKeys() []string { return []string{"name", "action", "type", "data", "merge"} }

func (p *parser) operation(at string, n *source.Node) Operation {
	switch {
	case n.Kind == source.Object && isManifest(n):
		p.manifest(at, n)
		return Operation{}
	case n.Kind != source.Object:
		p.at(at, n, "is %s: want an operation, an object with %s", describe(n), either(operationKeys()))
		return Operation{}
	}
	p.unknownKeys(at, n, operationHints(), operationKeys()...)
	op := Operation{Name: p.name(at, n), Document: p.doc.Name, Pointer: at, Pos: n.Pos}
	op.Action = Action(p.word(at, n, "action", string(ActionCreate), string(ActionUpdate), string(ActionApply), string(ActionDelete)))
	if op.Action != ActionDelete || n.Member("type") != nil {
		op.Type = Type(p.word(at, n, "type", string(TypeOpaque), string(TypeContainerRegistry)))
	}
	op.Merge = p.merge(at, n, op.Action)
	data := n.Member("data")
	switch {
	case op.Action == ActionDelete && data != nil:
		p.atKey(at, memberOf(n, "data"), "", "is of no use to a delete, which removes the whole Secret: remove it, or use action update with the keys to keep")
	case op.Action == ActionDelete:
	case data == nil:
		p.at(at, n, "has no data: want an object of keys and values")
	default:
		p.data(&op, data)
	}
	return op
}

func (p *parser) merge(at string, object *source.Node, action Action) bool {
	n := object.Member("merge")
	switch {
	case n == nil:
		return false
	case n.Kind != source.Bool:
		p.at(at+"/merge", n, "is %s: want true or false, without quotes", describe(n))
	case n.Text() == "true" && (action == ActionCreate || action == ActionDelete):
		p.atKey(at, memberOf(object, "merge"), "", "is of no use to a %s: remove it, or use action update or apply", action)
	}
	return n.Text() == "true"
}

// memberOf returns the member of an object with a key that it has.
func memberOf(object *source.Node, key string) source.Member {
	i := slices.IndexFunc(object.Members, func(m source.Member) bool { return m.Key == key })
	return object.Members[i]
}

// text returns the string under a key that has to be there.
func (p *parser) text(at string, object *source.Node, key, want string) (string, bool) {
	n := object.Member(key)
	switch {
	case n == nil:
		p.at(at, object, "has no %s: want %s", key, want)
	case n.Kind != source.String:
		p.at(at+source.Pointer(key), n, "is %s: want %s", describe(n), want)
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
	near, hint := source.Nearest(text, words), wordHints()[plain(text)]
	if near != "" && hint == "" {
		want += ": did you mean " + near + "?"
	}
	p.add(at+source.Pointer(key), object.Member(key).Pos, hint, "want %s", want)
	return near
}

func (p *parser) name(at string, object *source.Node) string {
	name, ok := p.text(at, object, "name", "the name of the Secret")
	if ok && len(validation.IsDNS1123Subdomain(name)) > 0 {
		p.add(at+"/name", object.Member("name").Pos, nameHint(name),
			`is not a valid name for a Secret: must be at most 253 lower-case letters, digits, "-" and ".", and begin and end with a letter or digit`)
	}
	return name
}

func (p *parser) data(op *Operation, n *source.Node) {
	at := op.Pointer + "/data"
	problems := p.problems.Len()
	switch {
	case n.Kind != source.Object:
		p.at(at, n, "is %s: want an object of keys and values", describe(n))
	case op.Type == TypeOpaque:
		op.Data = p.opaque(at, n)
	case op.Type == TypeContainerRegistry && n.Member(registriesKey) != nil:
		op.Registries = p.registries(at, n)
	case op.Type == TypeContainerRegistry:
		op.Data = p.registry(at, n, registriesKey)
	}
	if p.problems.Len() == problems && op.tooLarge() {
		p.at(at, n, tooLarge)
	}
}

func (p *parser) opaque(at string, object *source.Node) map[string]Value {
	if len(object.Members) == 0 {
		p.at(at, object, "is empty: want at least one key")
	}
	data := make(map[string]Value, len(object.Members))
	for _, m := range object.Members {
		if len(validation.IsConfigMapKey(m.Key)) > 0 {
			p.atKey(at, m, dataKeyHint(m), `is not a valid key for a Secret: must be 1 to 253 letters, digits, "-", "_" and ".", not be ".", and not begin with ".."`)
		}
		if value, ok := p.value(at+keyPointer(m), m.Value); ok {
			data[m.Key] = value
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
		p.at(at, n, "is %s: put it in quotes", describe(n))
	default:
		p.at(at, n, "is %s: want a string", describe(n))
	}
	return false
}

const tooLarge = "is more than the 1 MiB that a Secret can hold: split it"

// tooLarge reports whether the server would refuse the data, as far as it is
// there.
func (op Operation) tooLarge() bool {
	total := 0
	for _, value := range op.secretData() {
		total += len(value)
	}
	return total > corev1.MaxSecretSize
}
