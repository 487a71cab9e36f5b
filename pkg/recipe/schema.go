package recipe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Schema is the chart's values schema, ready to judge recipes. It is safe for
// concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	raw      *source.Node
}

// CompileSchema prepares the text of a values.schema.json.
func CompileSchema(text []byte) (*Schema, error) {
	const name = "values.schema.json"
	doc, err := source.Parse(name, text)
	if err != nil {
		return nil, err
	}
	decoded, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, decoded); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	compiled, err := compiler.Compile(name)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", name, err)
	}
	return &Schema{compiled: compiled, raw: doc.Root}, nil
}

// Validate returns every fault of r as a source.Errors, or nil.
func (s *Schema) Validate(r *Recipe) error {
	text, _ := json.Marshal(r.Doc.Root)
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: %w", r.Doc.Name, err)
	}
	var invalid *jsonschema.ValidationError
	if err := s.compiled.Validate(instance); !errors.As(err, &invalid) {
		return err
	}
	var faults source.Errors
	for _, leaf := range leaves(invalid) {
		faults = append(faults, s.word(r.Doc, leaf)...)
	}
	return distinct(faults).Sorted()
}

// leaves returns the errors that have no cause of their own: those say what is
// wrong, the others only where the search went through.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	for _, cause := range e.Causes {
		all = append(all, leaves(cause)...)
	}
	return all
}

func distinct(faults source.Errors) source.Errors {
	seen := map[string]bool{}
	return slices.DeleteFunc(faults, func(e *source.Error) bool {
		text := e.Error()
		twice := seen[text]
		seen[text] = true
		return twice
	})
}

// Ignored returns the keys of r that have no effect, sorted. A key whose
// x-ignored is the empty string is not worth a word.
func (s *Schema) Ignored(r *Recipe) []string {
	properties := s.raw.Member("properties")
	var keys []string
	for _, m := range r.Doc.Root.Members {
		if annotation(properties.Member(m.Key), "x-ignored") != "" {
			keys = append(keys, m.Key)
		}
	}
	slices.Sort(keys)
	return keys
}
