package diff

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// safeMetadata are the prefixes of the labels and annotations of Secrets that are shown,
// which Helm and the chart write. Others may hold a copy of the Secret in any encoding.
var safeMetadata = []string{"app.kubernetes.io/", "helm.sh/", "meta.helm.sh/", "kubectl-blueprint.github.io/"}

// credential matches the names of variables and options that hold credentials, and
// reference the values that only refer to one. The chart's warning uses the same patterns.
var (
	credential = regexp.MustCompile(`(?i)(^|[-_])(token|password|passwd|secret|api[-_]?key|access[-_]?key|credentials?)$`)
	reference  = regexp.MustCompile(`^(<.*>|[$].*|)$`)
)

// secretField is a field of an object that must be hidden.
type secretField struct {
	address string
	value   string
	set     func(string)
}

// finder collects the secret fields of an object.
type finder struct {
	known  *redact.Redactor // of values to hide in every field
	fields []secretField
}

func find(fields tree, known *redact.Redactor) []secretField {
	f := &finder{known: known}
	if fields["kind"] == "Secret" {
		f.secret(fields)
	} else {
		f.tree("", fields)
	}
	return f.fields
}

func (f *finder) add(address, value string, set func(string)) {
	f.fields = append(f.fields, secretField{address, value, set})
}

// secret collects every value of a Secret, and its metadata except for keys known to be
// harmless.
func (f *finder) secret(fields tree) {
	for key, value := range fields {
		set := func(text string) { fields[key] = text }
		switch key {
		case "data", "stringData":
			f.all(key, value, set)
		case "metadata":
			f.metadata(value)
		default:
			f.node(key, value, set)
		}
	}
}

func (f *finder) metadata(value any) {
	metadata, _ := value.(tree)
	for key, value := range metadata {
		marks, ok := value.(tree)
		if key != "labels" && key != "annotations" || !ok {
			f.node("metadata."+key, value, func(text string) { metadata[key] = text })
			continue
		}
		for name, value := range marks {
			at, set := "metadata."+key+"."+name, func(text string) { marks[name] = text }
			if slices.ContainsFunc(safeMetadata, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				f.node(at, value, set)
			} else {
				f.all(at, value, set)
			}
		}
	}
}

// all collects every text in a value.
func (f *finder) all(address string, value any, set func(string)) {
	switch value := value.(type) {
	case string:
		f.add(address, value, set)
	case tree:
		for key, inner := range value {
			f.all(address+"."+key, inner, func(text string) { value[key] = text })
		}
	case []any:
		for i, inner := range value {
			f.all(fmt.Sprintf("%s[%d]", address, i), inner, func(text string) { value[i] = text })
		}
	}
}

// node collects the texts in a value that contain a known value or whose names suggest
// a credential.
func (f *finder) node(address string, value any, set func(string)) {
	switch value := value.(type) {
	case string:
		if f.known.Contains(value) {
			f.add(address, value, set)
		}
	case tree:
		f.tree(address, value)
	case []any:
		f.list(address, value)
	}
}

func (f *finder) tree(address string, fields tree) {
	name, _ := fields["name"].(string) // of a variable
	for key, value := range fields {
		at, set := address+"."+key, func(text string) { fields[key] = text }
		named := credential.MatchString(key) || key == "value" && credential.MatchString(name)
		if text, ok := value.(string); ok && named && !reference.MatchString(text) {
			f.add(at, text, set)
		} else {
			f.node(at, value, set)
		}
	}
}

// list collects the values of options from the words of a command.
func (f *finder) list(address string, items []any) {
	isValue := false // of the previous option
	for i, item := range items {
		at, set := address+"["+label(item, i)+"]", func(text string) { items[i] = text }
		word, isWord := item.(string)
		option, value, joined := strings.Cut(word, "=")
		isOption := credential.MatchString(strings.TrimLeft(option, "-")) && (joined || strings.HasPrefix(word, "-"))
		switch {
		case isWord && isValue && !reference.MatchString(word):
			f.add(at, word, set)
		case isWord && isOption && joined && !reference.MatchString(value):
			f.add(at, value, func(text string) { items[i] = option + "=" + text })
		default:
			f.node(at, item, set)
		}
		isValue = isWord && isOption && !joined
	}
}

// label returns the name of an item of a list, or its index if it has none.
func label(item any, i int) string {
	fields, _ := item.(tree)
	if name, ok := fields["name"].(string); ok {
		return name
	}
	return fmt.Sprint(i)
}
