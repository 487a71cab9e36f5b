package redact

import (
	"bytes"
	"encoding/base64"
	"unicode"
	"unicode/utf8"
)

// maxFolded is the maximum length of values that are also found in base64 in lower case.
const maxFolded = 1 << 10

// shingles are all windows of folded values.
type shingles map[uint64]struct{}

// addValue adds the secret parts of a value.
func (s shingles) addValue(value []byte) {
	for _, part := range secretParts(value) {
		for _, folded := range folds(part) {
			s.add(folded)
		}
		if len(part) < window || len(part) > maxFolded {
			continue
		}
		for n := range 3 {
			s.add(lettersOnly(lowerCase(inner(base64.RawStdEncoding, []byte(part), n))))
		}
	}
}

// add adds every window of text, except runs of one or two characters, such as lines and
// indents, which occur in any text.
func (s shingles) add(text []byte) {
	w := uint64(0)
	for i, b := range text {
		w = w<<8 | uint64(b)
		if i >= window-1 && distinct(text[i-window+1:i+1]) > 2 {
			s[w] = struct{}{}
		}
	}
}

// in reports whether one of the windows is in text.
func (s shingles) in(text []byte) bool {
	w := uint64(0)
	for i, b := range text {
		w = w<<8 | uint64(b)
		if i < window-1 {
			continue
		}
		if _, ok := s[w]; ok {
			return true
		}
	}
	return false
}

func distinct(text []byte) int {
	n := 0
	for i, b := range text {
		if bytes.IndexByte(text[:i], b) < 0 {
			n++
		}
	}
	return n
}

// folds returns text in lower case: unchanged, without white space, and with only letters
// and digits.
func folds(text string) [3][]byte {
	lower := lowerCase(text)
	return [3][]byte{lower, withoutSpace(lower), lettersOnly(lower)}
}

// lowerCase returns text in lower case. Unlike bytes.ToLower it keeps invalid UTF-8.
func lowerCase(text string) []byte {
	lower := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		if b := text[i]; b < utf8.RuneSelf {
			if 'A' <= b && b <= 'Z' {
				b += 'a' - 'A'
			}
			lower = append(lower, b)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			lower = append(lower, text[i])
		case unicode.IsSpace(r), unicode.Is(unicode.Cf, r): // zero width
			lower = append(lower, ' ')
		default:
			lower = utf8.AppendRune(lower, unicode.ToLower(unicode.ToUpper(r)))
		}
		i += n
	}
	return lower
}

// lowerASCII returns text with ASCII letters in lower case, which keeps its length.
func lowerASCII(text string) string {
	lower := []byte(text)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return string(lower)
}

func withoutSpace(text []byte) []byte {
	return keep(text, func(b byte) bool { return b > ' ' && b != 0x7f })
}

func lettersOnly(text []byte) []byte {
	return keep(text, func(b byte) bool { return 'a' <= b && b <= 'z' || '0' <= b && b <= '9' || b >= utf8.RuneSelf })
}

func keep(text []byte, wanted func(byte) bool) []byte {
	kept := make([]byte, 0, len(text))
	for _, b := range text {
		if wanted(b) {
			kept = append(kept, b)
		}
	}
	return kept
}
