package secrets

import (
	"regexp"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// keyPointer returns the token of a JSON Pointer for a member of a payload, for errors.
// It masks keys that are neither part of the format nor read as a name with a value,
// because they may be misplaced values, as in {token, hf_x1y2}, where a comma replaces
// the colon.
func keyPointer(m source.Member) string {
	if m.Value.Member(valueFromKey) != nil {
		return valuePointer(m.Key)
	}
	if slices.Contains(formatKeys(), m.Key) || m.Value.Kind != source.Null && source.IsName(m.Key) {
		return source.Pointer(m.Key)
	}
	return "/" + redact.Mask
}

// formatKeys returns every key of the payload format.
func formatKeys() []string {
	return []string{
		payloadKey, "name", "action", "type", "data", "merge",
		serverKey, usernameKey, passwordKey, emailKey, registriesKey,
		valueFromKey, fromEnv, fromFile, fromStdin, fromPrompt,
	}
}

// dataKey matches a key that reads as a name, whose words may end with digits: S3_KEY,
// ca2.crt.
var dataKey = regexp.MustCompile(`^\.?[A-Za-z]{1,16}[0-9]{0,3}([-._][A-Za-z]{0,16}[0-9]{0,3})*$`)

// valuePointer returns the token of a JSON Pointer for the key of a valid value, for
// errors.
func valuePointer(key string) string {
	const longest = 63
	if len(key) <= longest && dataKey.MatchString(key) {
		return source.Pointer(key)
	}
	return "/" + redact.Mask
}
