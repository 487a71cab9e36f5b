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

// toError returns the error for a violation. It does not quote values, because recipes may
// contain tokens.
func (s *Schema) toError(doc *source.Document, v violation) *source.Error {
	schema := s.at(v.SchemaURL)
	switch k := v.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return unknownKey(doc.ErrorAtKey(v.pointer, v.key, ""), schema, v.key)
	case *kind.Required:
		return doc.ErrorAt(v.pointer, "%s is required", v.key).WithRule(ruleMissingKey)
	case *kind.FalseSchema: // properties: {KEY: false}; the reason is two levels up
		return doc.ErrorAtKey(v.pointer, v.key, "%s", s.refusal(strings.TrimSuffix(v.SchemaURL, "/properties/"+v.key), v.key)).WithRule(ruleRefusedKey)
	case *kind.Enum:
		return enum(doc.ErrorAt(v.pointer, ""), schema, k)
	}
	return doc.ErrorAt(v.pointer, "%s", message(schema, v.ErrorKind)).WithRule(ruleOf(v.ErrorKind))
}

// refusal returns the reason in the schema at url for refusing key.
func (s *Schema) refusal(url, key string) string {
	if reason := annotation(s.at(url).Member("x-refused"), key); reason != "" {
		return reason
	}
	return "not allowed here"
}

// at returns the part of the schema at the fragment of url, a JSON Pointer.
func (s *Schema) at(url string) *source.Node {
	_, pointer, _ := strings.Cut(url, "#")
	return s.raw.Find(pointer)
}

// unknownKey sets the message and rule for a key that is not in the schema.
func unknownKey(problem *source.Error, schema *source.Node, key string) *source.Error {
	problem.Message, problem.Rule = "unknown key", ruleUnknownKey
	if schema == nil {
		return problem
	}
	if reason := annotation(schema.Member("x-refused"), key); reason != "" {
		problem.Message, problem.Rule = reason, ruleRefusedKey
	} else if reason := unsupported(schema, key); reason != "" {
		problem.Message = "unknown key; " + reason
	} else if near := source.Nearest(key, keys(schema)); near != "" {
		problem.Message = fmt.Sprintf("unknown key; did you mean %q?", near)
	}
	return problem
}

// unsupported returns the reason in x-unsupported for unknown keys like key, or "". It
// takes precedence over the nearest key, which would be misleading.
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

// message returns the error message for a violated keyword.
func message(schema *source.Node, k jsonschema.ErrorKind) string {
	wanted := annotation(schema, "x-wanted")
	switch k := k.(type) {
	case *kind.Type:
		if wanted == "" {
			wants := make([]string, len(k.Want))
			for i, w := range k.Want {
				wants[i] = withArticle(w)
			}
			wanted = either(wants)
		}
		return fmt.Sprintf("must be %s, got %s", wanted, withArticle(k.Got))
	case *kind.Minimum:
		return "must be at least " + number(k.Want)
	case *kind.Maximum:
		return "must be at most " + number(k.Want)
	case *kind.MinLength, *kind.MinItems, *kind.MinProperties:
		return "must not be empty"
	case *kind.MaxLength:
		return fmt.Sprintf("must be at most %d characters", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("must have at most %d entries", k.Want)
	case *kind.Pattern:
		if wanted == "" {
			return "must match " + k.Want
		}
		return "must be " + wanted
	}
	return "invalid value"
}

// enum sets the message and rule for a value that is not allowed. The message lists the
// allowed values, or gives the reason for refusing a value of the upstream format.
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
	problem.Message, problem.Rule = "must be "+either(quoted), ruleEnum
	if near := source.Nearest(got, wants); near != "" {
		problem.Message += fmt.Sprintf("; did you mean %q?", near)
	}
	return problem
}

// either returns words as "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return r.FloatString(3)
}

// withArticle returns the name of a JSON type with its indefinite article.
func withArticle(name string) string {
	switch name {
	case "null":
		return name
	case "integer", "array", "object":
		return "an " + name
	}
	return "a " + name
}
