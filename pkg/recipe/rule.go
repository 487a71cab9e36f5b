package recipe

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// The IDs of the rules. They are stable, because users filter by them.
const (
	ruleUnknownKey  = "unknown-key"
	ruleMissingKey  = "missing-key"
	ruleRefusedKey  = "unsupported-key"
	ruleRefusedMode = "unsupported-mode"
	ruleType        = "type"
	ruleEnum        = "enum"
	ruleRange       = "range"
	ruleLength      = "length"
	rulePattern     = "pattern"
	ruleDuplicate   = "duplicate"
	ruleSchema      = "schema" // other keywords

	// Warnings about keys.
	ruleIgnoredKeys   = "ignored-keys"
	ruleDeprecatedKey = "deprecated-key"

	// A warning about a number that becomes a string.
	ruleNumberSpelling = "number-format"

	// Errors about the structure of a file and about samples.
	ruleShape  = "shape"
	ruleSample = "sample"

	// Errors between members of a group.
	ruleDuplicateMember  = "duplicate-member"
	ruleUnknownMember    = "unknown-member"
	ruleSelfReference    = "self-reference"
	ruleCycle            = "cycle"
	ruleUnknownExport    = "unknown-export"
	ruleUndeclaredExport = "undeclared-export"
)

// ruleOf returns the ID of the rule for a violation of one keyword.
func ruleOf(k jsonschema.ErrorKind) string {
	switch k.(type) {
	case *kind.Type:
		return ruleType
	case *kind.Enum, *kind.Const:
		return ruleEnum
	case *kind.Minimum, *kind.Maximum, *kind.ExclusiveMinimum, *kind.ExclusiveMaximum, *kind.MultipleOf:
		return ruleRange
	case *kind.MinLength, *kind.MaxLength, *kind.MinItems, *kind.MaxItems, *kind.MinProperties, *kind.MaxProperties:
		return ruleLength
	case *kind.Pattern:
		return rulePattern
	case *kind.UniqueItems:
		return ruleDuplicate
	}
	return ruleSchema
}
