package source

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"sigs.k8s.io/yaml"
)

// shows reports whether a terminal displays r as a character. Other runes move the
// cursor, change the direction of text or have no width.
func shows(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Count returns a number and its noun, with an s in the plural.
func Count[N int | int32 | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Printable returns text with escapes for characters that a terminal does not display,
// including newlines.
func Printable(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !shows(r) }) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case shows(r):
			b.WriteRune(r)
		case unicode.IsPrint(r): // QuoteRune does not escape these
			b.WriteString(escaped(r))
		default:
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// WithoutControls returns text of several lines with escapes for characters that control a
// terminal or the direction of text. Other invisible characters are parts of emoji and of
// words in some scripts.
func WithoutControls(text string) string {
	controls := func(r rune) bool {
		return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r))
	}
	if !strings.ContainsFunc(text, controls) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if controls(r) {
			b.WriteString(Printable(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// PrintableJSON returns JSON that decodes to the same value, with escapes for characters
// that a terminal does not display.
func PrintableJSON(text []byte) []byte {
	hidden := func(r rune) bool { return r != '\n' && !shows(r) } // JSON already escapes runes below U+0020
	if !bytes.ContainsFunc(text, hidden) {
		return text
	}
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := surrogates(r)
			b.WriteString(escaped(high) + escaped(low))
		default:
			b.WriteString(escaped(r))
		}
	}
	return b.Bytes()
}

// PrintableYAML returns v as block YAML, with escapes for characters that a terminal does
// not display. The YAML package does not escape all of these, rejects some, and replaces
// U+0085 by a space.
func PrintableYAML(v any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, err
	}
	if !bytes.ContainsFunc(text.Bytes(), foreignToYAML) {
		return yaml.JSONToYAML(text.Bytes())
	}
	decoder := json.NewDecoder(&text)
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	stand := standIns{prefix: "hidden"}
	for strings.Contains(text.String(), stand.prefix) {
		stand.prefix += "x"
	}
	block, err := yaml.Marshal(stand.in(value))
	if err != nil {
		return nil, err
	}
	return []byte(strings.NewReplacer(stand.pairs...).Replace(string(block))), nil
}

// foreignToYAML reports whether a terminal does not display r and the YAML package does
// not escape it.
func foreignToYAML(r rune) bool { return r > '~' && !shows(r) }

// standIns replaces strings by placeholders, which are replaced by the escaped strings
// after the YAML is written.
type standIns struct {
	prefix string
	pairs  []string // word, escaped string, ...
}

func (s *standIns) in(value any) any {
	switch v := value.(type) {
	case string:
		return s.word(v)
	case []any:
		for i := range v {
			v[i] = s.in(v[i])
		}
	case map[string]any:
		words := make(map[string]any, len(v))
		for key, member := range v {
			words[s.word(key)] = s.in(member)
		}
		return words
	}
	return value
}

func (s *standIns) word(text string) string {
	if !strings.ContainsFunc(text, foreignToYAML) {
		return text
	}
	word := fmt.Sprintf("%s%d_", s.prefix, len(s.pairs))
	s.pairs = append(s.pairs, word, yamlString(text))
	return word
}

// yamlString returns text as a double-quoted YAML string, which differs from a JSON string
// above U+FFFF.
func yamlString(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case shows(r):
			b.WriteRune(r)
		default:
			b.WriteString(escaped(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// escaped returns the escape of r in Go and YAML, and up to U+FFFF in JSON.
func escaped(r rune) string {
	if r > 0xffff {
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

func surrogates(r rune) (high, low rune) {
	r -= 0x10000
	return 0xd800 + r>>10, 0xdc00 + r&0x3ff
}
