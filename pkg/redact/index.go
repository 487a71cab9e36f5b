package redact

import (
	"bytes"
	"slices"
	"strings"
)

// index holds the patterns that a Redactor searches for.
type index struct {
	long   dictionary // spellings of values of at least window bytes
	brief  dictionary // spellings of shorter values
	words  dictionary // short values in lower case
	names  dictionary // public names
	pieces shingles   // every window of a long value
}

func newIndex(values [][]byte, names []string) *index {
	var long, brief, words []string
	pieces := shingles{}
	for _, value := range withParts(values) {
		short := strings.TrimSpace(string(value))
		if len(short) < window {
			words = append(words, lowerASCII(short))
		}
		for _, s := range spellings(value) {
			switch {
			case len(s) >= window && len(short) >= window:
				long = append(long, s)
			case len(s) >= shortest:
				brief = append(brief, s)
			}
		}
		pieces.addValue(value)
	}
	return &index{newDictionary(long), newDictionary(brief), newDictionary(words), newDictionary(slices.Clone(names)), pieces}
}

// scan is the result of searching a text.
type scan struct {
	clean string   // without the values
	rest  []string // the parts that are neither values nor public
	word  bool     // whether it contains a short value as a word
}

// redact returns text without values.
func (ix *index) redact(text string) string {
	if !ix.hits(text, ix.scan(text, true, nil)) {
		return text // as most are: public text need not be searched
	}
	found := ix.scan(text, true, ix.public(text))
	if found.word || ix.leaks(found.rest) {
		return Withheld
	}
	return found.clean
}

// hits reports whether a scan has found a value or a part of one.
func (ix *index) hits(text string, found scan) bool {
	return found.clean != text || found.word || ix.leaks(found.rest)
}

// private returns lines without their public parts.
func (ix *index) private(lines []string) string {
	var all []string
	for _, line := range lines {
		all = append(all, split(line, nil, ix.public(line))...)
	}
	return strings.Join(all, "\n")
}

// scan finds whole values in text. It ignores values inside public parts, which do not
// depend on them. It finds short values only if short is set.
func (ix *index) scan(text string, short bool, public []span) scan {
	reach := reaches(len(text), public)
	var hidden []span
	for i := 0; i < len(text); {
		n := ix.long.longest(text, i)
		if short {
			n = max(n, ix.brief.longest(text, i))
		}
		if n == 0 || reach[i] >= i+n {
			i++
			continue
		}
		hidden = append(hidden, span{i, i + n})
		i += n
	}
	s := scan{clean: masked(text, hidden)}
	s.rest = split(text, hidden, public)
	if short {
		s.word = ix.hasWord(text, hidden, public)
	}
	return s
}

// hasWord reports whether a short value, in any case, occurs in text as a word
// that is neither hidden nor public.
func (ix *index) hasWord(text string, hidden, public []span) bool {
	words := ix.words.words(lowerASCII(text))
	if len(words) == 0 || public == nil && hidden == nil {
		return len(words) > 0
	}
	reach := reaches(len(text), slices.Concat(public, hidden, numbers(text)))
	return slices.ContainsFunc(words, func(w span) bool { return reach[w.start] < w.end })
}

// reaches returns, for each position, the end of the longest span that starts at or before
// it.
func reaches(length int, spans []span) []int {
	reach := make([]int, length+1)
	for _, s := range spans {
		reach[s.start] = max(reach[s.start], s.end)
	}
	for i := 1; i < len(reach); i++ {
		reach[i] = max(reach[i], reach[i-1])
	}
	return reach
}

// masked returns text with spans replaced by Mask.
func masked(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	var out strings.Builder
	end := 0
	for _, s := range spans {
		out.WriteString(text[end:s.start])
		out.WriteString(Mask)
		end = s.end
	}
	out.WriteString(text[end:])
	return out.String()
}

// split returns the parts of text between hidden and public spans. Short public spans do
// not split it, because parts of a value may surround them.
func split(text string, hidden, public []span) []string {
	const kept, gone, apart = 0, 1, 2
	kind := make([]byte, len(text))
	for _, s := range public {
		if s.end-s.start >= window {
			fill(kind[s.start:s.end], apart)
		}
	}
	for _, s := range hidden {
		fill(kind[s.start:s.end], gone)
	}
	var rest []string
	var part bytes.Buffer
	for i := range len(text) {
		switch {
		case kind[i] == kept:
			part.WriteByte(text[i])
		case kind[i] == gone && (i == 0 || kind[i-1] != gone):
			part.WriteString(Mask)
		case kind[i] == apart && part.Len() > 0:
			rest = append(rest, part.String())
			part.Reset()
		}
	}
	return append(rest, part.String())
}

func fill(kinds []byte, kind byte) {
	for i := range kinds {
		kinds[i] = kind
	}
}
