package secrets

import (
	"fmt"
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
		p.at(at, n, "", "must be an object with name, action, type and data, got %s", describe(n))
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
		p.atKey(at, memberOf(n, "data"), `remove it, or use action "update" with the keys to keep`, `not allowed with action "delete", which deletes the whole Secret`)
	case op.Action == ActionDelete:
	case data == nil:
		p.at(at, n, "", "data is required")
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
		p.at(at+"/merge", n, "", "must be true or false, got %s", describe(n))
	case n.Text() == "true" && (action == ActionCreate || action == ActionDelete):
		p.atKey(at, memberOf(object, "merge"), `remove it, or use action "update" or "apply"`, "not allowed with action %q", action)
	}
	return n.Text() == "true"
}

// memberOf returns the member of an object with a key, which must exist.
func memberOf(object *source.Node, key string) source.Member {
	i := slices.IndexFunc(object.Members, func(m source.Member) bool { return m.Key == key })
	return object.Members[i]
}

// text returns the string under a required key.
func (p *parser) text(at string, object *source.Node, key, hint string) (string, bool) {
	n := object.Member(key)
	switch {
	case n == nil:
		p.at(at, object, hint, "%s is required", key)
	case n.Kind != source.String:
		p.at(at+source.Pointer(key), n, hint, "must be a string, got %s", describe(n))
	default:
		return n.Text(), true
	}
	return "", false
}

// word returns the string under a key that must be one of words. For another string it
// returns the nearest word, so that the rest of the operation can be validated.
func (p *parser) word(at string, object *source.Node, key string, words ...string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = `"` + word + `"`
	}
	text, ok := p.text(at, object, key, "use "+either(quoted))
	if !ok || slices.Contains(words, text) {
		return text
	}
	must := "must be " + either(quoted)
	near, hint := source.Nearest(text, words), wordHints()[plain(text)]
	if near != "" && hint == "" {
		must += fmt.Sprintf("; did you mean %q?", near)
	}
	p.at(at+source.Pointer(key), object.Member(key), hint, "%s", must)
	return near
}

func (p *parser) name(at string, object *source.Node) string {
	name, ok := p.text(at, object, "name", "")
	if ok && len(validation.IsDNS1123Subdomain(name)) > 0 {
		p.at(at+"/name", object.Member("name"), nameHint(name),
			`must be at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at each end`)
	}
	return name
}

func (p *parser) data(op *Operation, n *source.Node) {
	at := op.Pointer + "/data"
	problems := p.problems.Len()
	switch {
	case n.Kind != source.Object:
		p.at(at, n, "", "must be an object of keys and values, got %s", describe(n))
	case op.Type == TypeOpaque:
		op.Data = p.opaque(at, n)
	case op.Type == TypeContainerRegistry && n.Member(registriesKey) != nil:
		op.Registries = p.registries(at, n)
	case op.Type == TypeContainerRegistry:
		op.Data = p.registry(at, n, registriesKey)
	}
	if p.problems.Len() == problems && op.tooLarge() {
		p.at(at, n, splitHint, tooLarge)
	}
}

func (p *parser) opaque(at string, object *source.Node) map[string]Value {
	if len(object.Members) == 0 {
		p.at(at, object, "", "must have at least one key")
	}
	data := make(map[string]Value, len(object.Members))
	for _, m := range object.Members {
		if len(validation.IsConfigMapKey(m.Key)) > 0 {
			p.atKey(at, m, dataKeyHint(m), `key must be 1 to 253 letters, digits, "-", "_" and ".", other than "." and not starting with ".."`)
		}
		if value, ok := p.value(at+keyPointer(m), m.Value); ok {
			data[m.Key] = value
		}
	}
	return data
}

// isText adds an error for a value that is not a string, because its bytes are ambiguous.
func (p *parser) isText(at string, n *source.Node) bool {
	switch n.Kind {
	case source.String:
		return true
	case source.Number, source.Bool:
		p.at(at, n, "put it in quotes", "must be a string, got %s", describe(n))
	default:
		p.at(at, n, "", "must be a string, got %s", describe(n))
	}
	return false
}

// tooLarge and its hint are about data that exceeds the limit of a Secret.
const (
	tooLarge  = "must be at most 1 MiB, the limit of a Secret"
	splitHint = "split the data into several Secrets"
)

// tooLarge reports whether the resolved data exceeds the limit of a Secret.
func (op Operation) tooLarge() bool {
	total := 0
	for _, value := range op.secretData() {
		total += len(value)
	}
	return total > corev1.MaxSecretSize
}
