package explain

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Kinds returns the kinds of file that have a schema.
func Kinds() []string { return []string{"recipe", "group", "secrets"} }

// Schema returns the JSON Schema of a kind of file.
func Schema(kind string) ([]byte, error) {
	switch kind {
	case "recipe":
		return fs.ReadFile(charts.Blueprint(), "values.schema.json")
	case "group":
		return recipe.GroupSchema(), nil
	case "secrets":
		return secrets.PayloadSchema(), nil
	}
	return nil, fmt.Errorf("invalid KIND %q: must be recipe, group or secrets", kind)
}

// Files contains the fields of all kinds of file. A path starts in a recipe, unless its
// first element is the top-level key of another kind of file.
type Files struct {
	Recipe *Field
	others map[string]*Field // by top-level key
}

// otherKeys returns the top-level keys of the other kinds of file.
func otherKeys() []string { return []string{"deployment_group", "secrets_payload"} }

// Load returns the fields of all kinds of file.
func Load() (*Files, error) {
	fields := map[string]*Field{}
	for _, kind := range Kinds() {
		text, err := Schema(kind)
		if err != nil {
			return nil, err
		}
		if fields[kind], err = Parse(text); err != nil {
			return nil, err
		}
	}
	return &Files{
		Recipe: fields["recipe"],
		others: map[string]*Field{"deployment_group": fields["group"], "secrets_payload": fields["secrets"]},
	}, nil
}

// Find returns the field at a path and the kind of file that has it.
func (f *Files) Find(path string) (kind, field *Field, err error) {
	if kind, err = f.kindOf(path); err != nil {
		return nil, nil, err
	}
	field, err = kind.Find(path)
	return kind, field, err
}

// kindOf returns the kind of file that has the path's first element.
func (f *Files) kindOf(path string) (*Field, error) {
	first, _, _ := strings.Cut(path, ".")
	first = strings.TrimSuffix(first, "[]")
	if kind, found := f.others[first]; found {
		return kind, nil
	}
	if _, err := f.Recipe.Find(first); err != nil {
		if near := source.Nearest(first, otherKeys()); near != "" {
			return nil, fmt.Errorf("field %q not found; did you mean %q?", first, near)
		}
	}
	return f.Recipe, nil
}

// Others returns the top-level fields of the other kinds of file.
func (f *Files) Others() []*Field {
	var all []*Field
	for _, key := range otherKeys() {
		if field, err := f.others[key].Find(key); err == nil {
			all = append(all, field)
		}
	}
	return all
}

// Complete returns the fields whose paths start with prefix, and their parent path: "" or a
// path with a final dot.
func (f *Files) Complete(prefix string) (parent string, found []*Field) {
	dot := strings.LastIndex(prefix, ".")
	parent = prefix[:dot+1]
	var fields []*Field
	if dot < 0 {
		fields = slices.Concat(f.Recipe.Fields(), f.Others())
	} else if _, field, err := f.Find(prefix[:dot]); err == nil {
		fields = field.Fields()
	}
	return parent, slices.DeleteFunc(fields, func(field *Field) bool { return !strings.HasPrefix(parent+field.Name, prefix) })
}
