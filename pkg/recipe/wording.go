package recipe

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// toError turns a violation into a fault that says what was found, what was wanted
// and what to do. It never quotes a value: a recipe may hold tokens.
func (s *Schema) toError(doc *source.Document, v violation) *source.Error {
	schema := s.at(v.SchemaURL)
	switch k := v.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return unknownKey(doc.ErrorAtKey(v.pointer, v.key, ""), schema, v.key)
	case *kind.Required:
		return doc.ErrorAt(v.pointer, "%s is missing", v.key).WithRule(ruleMissingKey)
	case *kind.FalseSchema: // properties: {KEY: false}, with the reason two levels up
		return doc.ErrorAtKey(v.pointer, v.key, "%s", s.refusal(strings.TrimSuffix(v.SchemaURL, "/properties/"+v.key), v.key)).WithRule(ruleRefusedKey)
	case *kind.Enum:
		return enum(doc.ErrorAt(v.pointer, ""), schema, k)
	}
	return doc.ErrorAt(v.pointer, "%s", message(schema, v.ErrorKind)).WithRule(ruleOf(v.ErrorKind))
}

// refusal returns the reason that the schema at url gives for refusing key.
func (s *Schema) refusal(url, key string) string {
	if reason := annotation(s.at(url).Member("x-refused"), key); reason != "" {
		return reason
	}
	return "is not allowed here: remove it"
}

// at returns the part of the schema that url's fragment, a JSON Pointer, names.
func (s *Schema) at(url string) *source.Node {
	_, pointer, _ := strings.Cut(url, "#")
	return s.raw.Find(pointer)
}

// unknownKey sets the message for a key that the schema does not have.
func unknownKey(problem *source.Error, schema *source.Node, key string) *source.Error {
	problem.Message, problem.Rule = "unknown key", ruleUnknownKey
	if schema == nil {
		return problem
	}
	if reason := annotation(schema.Member("x-refused"), key); reason != "" {
		problem.Message, problem.Rule = reason, ruleRefusedKey
	} else if reason := unsupported(schema, key); reason != "" {
		problem.Message = "unknown key: " + reason
	} else if near := source.Nearest(key, keys(schema)); near != "" {
		problem.Message = fmt.Sprintf("unknown key: did you mean %s?", near)
	}
	return problem
}

// unsupported returns what the schema says of unknown keys that look like key,
// or "". It stands in for the nearest key where that would mislead.
func unsupported(schema *source.Node, key string) string {
	patterns := schema.Member("x-unsupported")
	if patterns == nil {
		return ""
	}
	for _, m := range patterns.Members {
		if matched, err := regexp.MatchString(m.Key, key); err == nil && matched {
			return m.Value.Text()
		}
	}
	return ""
}

// keys returns the properties in the schema of an object.
func keys(schema *source.Node) []string {
	var known []string
	if properties := schema.Member("properties"); properties != nil {
		for _, m := range properties.Members {
			known = append(known, m.Key)
		}
	}
	return known
}

func message(schema *source.Node, k jsonschema.ErrorKind) string {
	wanted := annotation(schema, "x-wanted")
	switch k := k.(type) {
	case *kind.Type:
		if wanted == "" {
			wants := make([]string, len(k.Want))
			for i, w := range k.Want {
				wants[i] = withArticle(w)
			}
			wanted = strings.Join(wants, " or ")
		}
		return fmt.Sprintf("found %s, want %s", withArticle(k.Got), wanted)
	case *kind.Minimum:
		return "want at least " + number(k.Want)
	case *kind.Maximum:
		return "want at most " + number(k.Want)
	case *kind.MinLength, *kind.MinItems, *kind.MinProperties:
		return "must not be empty"
	case *kind.MaxLength:
		return fmt.Sprintf("is longer than %d characters", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("has more than %d entries", k.Want)
	case *kind.Pattern:
		if wanted == "" {
			wanted = "text that matches " + k.Want
		}
		return "want " + wanted
	}
	return "is not valid here"
}

// enum sets the message with the allowed values, or with why a value of the upstream format
// is refused.
func enum(problem *source.Error, schema *source.Node, k *kind.Enum) *source.Error {
	got, _ := k.Got.(string)
	if schema != nil {
		if reason := annotation(schema.Member("x-refused"), got); reason != "" {
			problem.Message, problem.Rule = reason, ruleRefusedMode
			return problem
		}
	}
	wants, quoted := make([]string, len(k.Want)), make([]string, len(k.Want))
	for i, w := range k.Want {
		wants[i] = fmt.Sprint(w)
		quoted[i] = fmt.Sprintf("%q", wants[i])
	}
	problem.Message, problem.Rule = "want "+strings.Join(quoted, " or "), ruleEnum
	if near := source.Nearest(got, wants); near != "" {
		problem.Message += fmt.Sprintf(": did you mean %q?", near)
	}
	return problem
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.FloatString(3)
}

// withArticle puts the indefinite article before the name of a JSON kind.
func withArticle(name string) string {
	switch name {
	case "null":
		return name
	case "integer", "array", "object":
		return "an " + name
	}
	return "a " + name
}
