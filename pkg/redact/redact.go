// Package redact keeps secret values out of everything that is printed, logged
// or stored. A Redactor replaces the values of a set of Secrets in text that
// comes from other programs (API servers, admission webhooks, registries and
// containers), and withholds the text if an altered or shortened value may be
// left in it. The package also masks Secret objects before they are printed, and
// keeps the bodies of requests out of client-go's log.
//
//	values ── spellings ──┐                          ┌─> ***
//	                      ├─> exact matches ─> text ─┤
//	names, phrases ───────┘                          └─> decoded, folded ─> Withheld
package redact

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Mask stands for a secret value. It is not valid base64, so the API server
// rejects a masked Secret instead of storing it. Its length does not
// reveal the length of the value.
const Mask = "***"

// Withheld replaces a text that may contain a part of a value.
const Withheld = "message withheld: it may contain a secret value"

const (
	// window is the number of consecutive bytes that identify a part of a value.
	window = 8
	// shortest is the minimum length of values that are replaced inside words.
	shortest = 4
	// maxText limits the length of a text, and so the time. The rest is removed.
	maxText = 64 << 10
	// shortLog is the number of lines that remain of a log that is withheld otherwise.
	shortLog = 100
	// cutOff marks a truncated text.
	cutOff = "… (truncated)"
)

// Redactor removes the values of a set of secrets from text. The zero value and
// nil know no secrets. Several goroutines may share a Redactor.
type Redactor struct {
	values [][]byte
	names  []string
	index  func() *index // built on first use
}

// New returns a Redactor for values.
func New(values ...[]byte) *Redactor { return newRedactor(values, nil) }

func newRedactor(values [][]byte, names []string) *Redactor {
	return &Redactor{values, names, sync.OnceValue(func() *index { return newIndex(values, names) })}
}

// Except returns a Redactor that does not replace names that are whole words: names of
// objects, namespaces, keys and hosts, which the caller knows not to be secret.
func (r *Redactor) Except(names ...string) *Redactor {
	return newRedactor(r.values, slices.Concat(r.names, names))
}

// And returns a Redactor that hides the values of both.
func (r *Redactor) And(other *Redactor) *Redactor {
	return newRedactor(slices.Concat(r.values, other.values), slices.Concat(r.names, other.names))
}

// Text returns text without the values. Every usual spelling of a whole value is
// replaced by Mask. If the rest may contain a part of a value, in whatever case
// or encoding, the result is Withheld.
func (r *Redactor) Text(text string) string {
	if r.empty() || text == "" {
		return text
	}
	return r.index().redact(cutText(text))
}

// Contains reports whether text contains a value or a part of one. Values of
// less than eight bytes are not searched: they occur in ordinary text by chance.
func (r *Redactor) Contains(text string) bool {
	if r.empty() {
		return false
	}
	ix := r.index()
	return ix.hits(text, ix.scan(text, false, nil)) && ix.hits(text, ix.scan(text, false, ix.public(text)))
}

// Echoes reports whether text may reveal anything about a value: it contains one, or four
// bytes of one in any case. Use it for messages that can be dropped.
func (r *Redactor) Echoes(text string) bool {
	lower := lowerASCII(text)
	for _, value := range r.values {
		folded := lowerASCII(string(value))
		for i := 0; i+shortest <= len(folded); i++ {
			if strings.Contains(lower, folded[i:i+shortest]) {
				return true
			}
		}
	}
	return r.Text(text) != text
}

// Lines redacts the lines of a log. A value may be spread over several lines, or the log
// too large to search for that: if so, it keeps only the last lines, or withholds all.
func (r *Redactor) Lines(lines []string) []string {
	if r.empty() {
		return lines
	}
	ix := r.index()
	clean := make([]string, len(lines))
	for i, line := range lines {
		clean[i] = ix.redact(cutText(line))
	}
	if ix.leaks([]string{strings.Join(clean, "\n")}) && ix.leaks([]string{ix.private(clean)}) {
		if len(lines) <= shortLog {
			return []string{Withheld}
		}
		return r.Lines(lines[len(lines)-shortLog:])
	}
	return clean
}

func (r *Redactor) empty() bool { return r == nil || len(r.values) == 0 }

// cutText returns the part of text that is searched.
func cutText(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + cutOff
}
