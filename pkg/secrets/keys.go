package secrets

import (
	"regexp"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// keyPointer returns the JSON Pointer token of a member for use in errors. A
// value may be in the place of a key, as in {token, hf_x1y2} with a comma
// instead of a colon. A key therefore appears only if it belongs to the format
// or reads as the name of its value, and otherwise as ***.
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

// dataKey matches a key that reads as a name, including numbers at the end of
// its words: S3_KEY, ca2.crt.
var dataKey = regexp.MustCompile(`^\.?[A-Za-z]{1,16}[0-9]{0,3}([-._][A-Za-z]{0,16}[0-9]{0,3})*$`)

// valuePointer returns the JSON Pointer token of the key of a valid value for
// use in messages.
func valuePointer(key string) string {
	const longest = 63
	if len(key) <= longest && dataKey.MatchString(key) {
		return source.Pointer(key)
	}
	return "/" + redact.Mask
}
