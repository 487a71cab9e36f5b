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

// Schema is a JSON Schema, ready to judge documents and to explain itself. It
// is safe for concurrent use.
type Schema struct {
	compiled *jsonschema.Schema
	raw      *source.Node
}

const schemaName = "schema.json"

// CompileSchema prepares the text of a schema, such as the chart's
// values.schema.json.
func CompileSchema(text []byte) (*Schema, error) {
	doc, err := source.Parse(schemaName, text)
	if err != nil {
		return nil, err
	}
	s := &Schema{raw: doc.Root}
	s.compiled, err = s.compile("")
	return s, err
}

// compile prepares the part of the schema at a pointer.
func (s *Schema) compile(pointer string) (*jsonschema.Schema, error) {
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaName, s.raw.Decode(schemaNumber)); err != nil {
		return nil, fmt.Errorf("reading schema: %w", err)
	}
	compiled, err := compiler.Compile(schemaName + "#" + pointer)
	if err != nil {
		return nil, fmt.Errorf("compiling schema: %w", err)
	}
	return compiled, nil
}

// ValidateKey judges what stands under one key of doc, where the rest of a
// recipe is missing.
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

// Validate returns every fault of r, in the order of the file.
func (s *Schema) Validate(r *Recipe) source.Errors {
	return s.validate(r.Doc, r.Pointer, r.root)
}

// validate judges node, which stands at pointer in doc.
func (s *Schema) validate(doc *source.Document, pointer string, node *source.Node) source.Errors {
	var invalid *jsonschema.ValidationError
	if err := s.compiled.Validate(node.Decode(schemaNumber)); !errors.As(err, &invalid) {
		return nil // the library has no other error
	}
	var problems source.Collector
	seen := map[string]bool{} // the texts of faults, as there may be several ways to one through the schema
	for _, v := range violations(doc, pointer, invalid) {
		if problems.Skip() {
			continue
		}
		problem := s.toError(doc, v)
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
