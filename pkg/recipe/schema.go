package recipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Schema is a compiled JSON Schema with its text, for validation and error messages. It is
// safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	raw      *source.Node
}

const schemaName = "schema.json"

// CompileSchema compiles the text of a schema, such as the chart's values.schema.json.
func CompileSchema(text []byte) (*Schema, error) {
	doc, err := source.Parse(schemaName, text)
	if err != nil {
		return nil, err
	}
	s := &Schema{raw: doc.Root}
	s.compiled, err = s.compile("")
	return s, err
}

// compile compiles the part of the schema at a pointer.
func (s *Schema) compile(pointer string) (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaName, s.raw.Decode(schemaNumber)); err != nil {
		return nil, fmt.Errorf("cannot read schema: %w", err)
	}
	compiled, err := compiler.Compile(schemaName + "#" + pointer)
	if err != nil {
		return nil, fmt.Errorf("cannot compile schema: %w", err)
	}
	return compiled, nil
}

// ValidateKey validates the value of one key of doc, which is not a complete recipe.
func (s *Schema) ValidateKey(doc *source.Document, key string) source.Errors {
	pointer := source.Pointer(key)
	value, property := doc.Root.Member(key), s.raw.Find("/properties"+pointer)
	if value == nil {
		return nil
	}
	if property == nil {
		return source.Errors{unknownKey(doc.ErrorAtKey("", key, ""), s.raw, key)}
	}
	compiled, err := s.compile("/properties" + pointer)
	if err != nil {
		return source.Errors{doc.ErrorAt(pointer, "%v", err)}
	}
	part := &Schema{compiled: compiled, raw: s.raw}
	return part.validate(doc, pointer, value)
}

// Validate returns all errors in r, in the order of the file.
func (s *Schema) Validate(r *Recipe) source.Errors {
	return s.validate(r.Doc, r.Pointer, r.root)
}

// validate validates node, the value at pointer in doc. If a mode is refused, it returns only
// that error: the other ones are about keys of this mode.
func (s *Schema) validate(doc *source.Document, pointer string, node *source.Node) source.Errors {
	var invalid *jsonschema.ValidationError
	if err := s.compiled.Validate(node.Decode(schemaNumber)); !errors.As(err, &invalid) {
		return nil // the library returns no other errors
	}
	var problems source.Collector
	seen := map[string]bool{} // texts of errors, because several paths through the schema may lead to the same one
	for _, v := range violations(doc, pointer, invalid) {
		if problems.Skip() {
			continue
		}
		problem := s.toError(doc, v)
		if problem.Rule == ruleRefusedMode {
			return source.Errors{problem}
		}
		if text := problem.Error(); !seen[text] {
			seen[text] = true
			problems.Add(problem)
		}
	}
	return problems.Errors()
}

// schemaNumber returns a number for the schema library. It replaces numbers with exponents that
// the library cannot handle by infinity or zero.
func schemaNumber(literal string) any {
	if !strings.ContainsAny(literal, "eE") {
		return json.Number(literal)
	}
	switch f, _ := strconv.ParseFloat(literal, 64); {
	case math.IsInf(f, 1):
		return json.Number("1e400")
	case math.IsInf(f, -1):
		return json.Number("-1e400")
	case f == 0:
		return json.Number("0")
	}
	return json.Number(literal)
}
