// Package redact keeps secret values out of everything that is printed, logged
// or stored. A Redactor replaces the values of a set of Secrets in text that
// quotes other programs: API servers, admission webhooks, registries and
// containers. The package also masks Secret objects before they are printed,
// and keeps the bodies of requests out of client-go's log.
package redact

import (
	"regexp"
	"slices"
	"strings"
)

// Mask stands for a secret value. It is not valid base64, so the API server
// rejects a masked Secret instead of storing it. Its length says nothing about
// the length of the value.
const Mask = "***"

// Withheld replaces a text that cannot be shown.
const Withheld = "the server's words are withheld, because they may quote a value"

// shortValue is the length from which on a value can be told from an ordinary
// part of a word.
const shortValue = 4

// Redactor removes the values of a set of secrets from text. The zero value
// knows no secrets. Several goroutines may share a Redactor.
type Redactor struct {
	values [][]byte
	parts  bool // whether parts of a value are replaced as well
}

// New returns a Redactor for values.
func New(values ...[]byte) *Redactor {
	return &Redactor{values: values, parts: true}
}

// Text returns text without the values.
func (r *Redactor) Text(text string) string {
	clean := scrub(text, r.values)
	if r.parts {
		clean = scrubParts(clean, r.values)
	}
	return clean
}

// scrub replaces every value in text, however it is spelled, by ***.
func scrub(text string, values [][]byte) string {
	var spelled []string
	for _, value := range values {
		if short := strings.TrimSpace(string(value)); len(short) < shortValue && isWordOf(text, short) {
			return Withheld
		}
		spelled = append(spelled, spellings(value)...)
	}
	// The longest first, so that none leaves the rest of another.
	slices.SortFunc(spelled, func(a, b string) int { return len(b) - len(a) })
	for _, s := range spelled {
		if len(s) >= shortValue {
			text = strings.ReplaceAll(text, s, Mask)
		}
	}
	return text
}

// isWordOf reports whether a short value stands in text other than as a part of
// a word.
func isWordOf(text, short string) bool {
	if short == "" {
		return false
	}
	const edge = `(?:^|$|[^\pL\pN])`
	found, err := regexp.MatchString(edge+regexp.QuoteMeta(short)+edge, text)
	return found || err != nil
}
