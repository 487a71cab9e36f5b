package redact

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// prefix is the number of bytes by which a dictionary indexes its words.
const prefix = 4

// dictionary finds words at a position in a text.
type dictionary map[string][]string // by their first bytes, the longest first

func newDictionary(words []string) dictionary {
	slices.SortFunc(words, func(a, b string) int { return len(b) - len(a) })
	d := dictionary{}
	for _, w := range slices.Compact(words) {
		if w != "" {
			key := w[:min(prefix, len(w))]
			d[key] = append(d[key], w)
		}
	}
	return d
}

// longest returns the length of the longest word at position i of text, or 0.
func (d dictionary) longest(text string, i int) int {
	for n := min(prefix, len(text)-i); n > 0; n-- {
		for _, w := range d[text[i:i+n]] {
			if i+len(w) <= len(text) && text[i:i+len(w)] == w {
				return len(w)
			}
		}
	}
	return 0
}

// words returns the spans of text that are whole words of d.
func (d dictionary) words(text string) []span {
	var found []span
	if len(d) == 0 {
		return nil
	}
	for i := range len(text) {
		if !isEdge(text, i) {
			continue
		}
		for n := min(prefix, len(text)-i); n > 0; n-- {
			for _, w := range d[text[i:i+n]] {
				if end := i + len(w); end <= len(text) && text[i:end] == w && isEdge(text, end) {
					found = append(found, span{i, end})
				}
			}
		}
	}
	return found
}

// span is a part of a text.
type span struct{ start, end int }

// isEdge reports whether position i of text is the edge of a word: there is no letter or
// digit on at least one side.
func isEdge(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	after, _ := utf8.DecodeRuneInString(text[i:])
	return i == 0 || i == len(text) || !isWordRune(before) || !isWordRune(after)
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
