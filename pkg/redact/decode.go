package redact

import (
	"bytes"
	"encoding/base64"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// maxDepth is the maximum number of nested encodings that are decoded.
	maxDepth = 3
	// maxDecoded limits the total size of the decodings of one text.
	maxDecoded = 8 << 20
)

// decoders return possible decodings of a text.
var decoders = []func(string) []string{unescaped, fromHex, fromNumbers, fromBase64}

// leaks reports whether a window of a value is in one of the texts, in any case
// and encoding, or whether there are too many encodings to decode all of them.
func (ix *index) leaks(texts []string) bool {
	if len(ix.pieces) == 0 {
		return false
	}
	budget := maxDecoded
	for _, text := range texts {
		if ix.leaksAt(text, 0, &budget) {
			return true
		}
	}
	return false
}

func (ix *index) leaksAt(text string, depth int, budget *int) bool {
	if len(text) < window {
		return false
	}
	if *budget -= len(text); *budget < 0 {
		return true
	}
	for _, folded := range folds(text) {
		if ix.pieces.in(folded) {
			return true
		}
	}
	if depth == maxDepth {
		return false
	}
	if depth > 0 {
		text = printable(text)
	}
	for _, decode := range decoders {
		for _, decoded := range decode(text) {
			if ix.leaksAt(decoded, depth+1, budget) {
				return true
			}
		}
	}
	return false
}

// printable returns the runs of printable characters in a decoded text, which may be
// another encoding. Most decodings of ordinary text have none.
func printable(text string) string {
	var out strings.Builder
	for start, i := 0, 0; i <= len(text); i++ {
		if i < len(text) && (' ' <= text[i] && text[i] <= '~' || text[i] == '\n' || text[i] == '\r' || text[i] == '\t') {
			continue
		}
		if i-start > window {
			out.WriteString(text[start:i])
			out.WriteByte('\n')
		}
		start = i + 1
	}
	return out.String()
}

// escape matches an escaped character of a URL, or of a string in Go, JSON, Python or a
// shell.
var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}|\\(?:u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[0-7]{3}|[^ux0-7])`)

// unescaped removes one layer of escapes and HTML entities.
func unescaped(text string) []string {
	if !strings.ContainsAny(text, `%\&`) {
		return nil
	}
	plain := html.UnescapeString(escape.ReplaceAllStringFunc(text, unescape))
	plain = pairs(plain)
	if plain == text {
		return nil
	}
	return []string{plain}
}

func unescape(e string) string {
	digits, base := strings.Trim(e[min(2, len(e)):], "{}"), 16
	switch {
	case e[0] == '%':
		digits = e[1:]
	case '0' <= e[1] && e[1] <= '7':
		digits, base = e[1:], 8
	case strings.ContainsAny(e[1:2], "uUx"):
	default:
		if i := strings.IndexByte("abfnrtv", e[1]); i >= 0 {
			return "\a\b\f\n\r\t\v"[i : i+1]
		}
		return e[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return e
	}
	if e[1] == 'u' || e[1] == 'U' {
		if utf16.IsSurrogate(rune(n)) {
			return string(surrogate(rune(n)))
		}
		return string(rune(n))
	}
	return string([]byte{byte(n)})
}

// surrogate returns half a UTF-16 pair in the invalid form of UTF-8.
func surrogate(r rune) []byte {
	return []byte{0xe0 | byte(r>>12), 0x80 | byte(r>>6)&0x3f, 0x80 | byte(r)&0x3f}
}

// pairs joins the surrogates that JSON escapes one by one.
func pairs(text string) string {
	if !strings.Contains(text, "\xed") {
		return text
	}
	var out []byte
	for i := 0; i < len(text); i++ {
		if i+6 <= len(text) && text[i] == 0xed && text[i+3] == 0xed {
			half := func(at int) rune { return rune(text[at]&0x0f)<<12 | rune(text[at+1]&0x3f)<<6 | rune(text[at+2]&0x3f) }
			if r := utf16.DecodeRune(half(i), half(i+3)); r != utf8.RuneError {
				out = utf8.AppendRune(out, r)
				i += 5
				continue
			}
		}
		out = append(out, text[i])
	}
	return string(out)
}

// fromHex decodes runs of hexadecimal digits, starting at the first and at the second one.
// Digits may be separated by 0x and by characters other than letters and digits.
func fromHex(text string) []string {
	var decoded [2][]byte
	var run []byte
	end := func() {
		if len(run) >= 2*window {
			for odd := range decoded {
				for i := odd; i+1 < len(run); i += 2 {
					decoded[odd] = append(decoded[odd], run[i]<<4|run[i+1])
				}
				decoded[odd] = append(decoded[odd], '\n')
			}
		}
		run = run[:0]
	}
	for i := 0; i < len(text); i++ {
		switch b := text[i] | 0x20; {
		case text[i] == '0' && i+1 < len(text) && text[i+1]|0x20 == 'x':
			i++
		case '0' <= text[i] && text[i] <= '9':
			run = append(run, text[i]-'0')
		case 'a' <= b && b <= 'f':
			run = append(run, b-'a'+10)
		case 'g' <= b && b <= 'z', text[i] >= utf8.RuneSelf:
			end()
		}
	}
	end()
	return []string{string(decoded[0]), string(decoded[1])}
}

// fromNumbers decodes lists of bytes in decimal.
func fromNumbers(text string) []string {
	var decoded, run []byte
	end := func() {
		if len(run) >= window {
			decoded = append(append(decoded, run...), '\n')
		}
		run = run[:0]
	}
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && '0' <= text[j] && text[j] <= '9' {
			j++
		}
		if j == i {
			if b := text[i] | 0x20; 'a' <= b && b <= 'z' || text[i] >= utf8.RuneSelf {
				end()
			}
			i++
			continue
		}
		if n, err := strconv.ParseUint(text[i:j], 10, 8); err == nil {
			run = append(run, byte(n))
		} else {
			end()
		}
		i = j
	}
	end()
	return []string{string(decoded)}
}

// fromBase64 decodes text at each of the four possible starts of a group of characters,
// with either alphabet, and with hyphens and underscores as separators.
func fromBase64(text string) []string {
	url := make([]byte, 0, len(text))
	for i := range len(text) {
		switch b := text[i]; {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-', b == '_':
			url = append(url, b)
		case b == '+':
			url = append(url, '-')
		case b == '/':
			url = append(url, '_')
		}
	}
	if len(url) < window {
		return nil
	}
	all := groups(url)
	if strings.ContainsAny(text, "-_") {
		standard := make([]byte, 0, len(text))
		for i := range len(text) {
			if b := text[i]; b != '-' && b != '_' {
				standard = append(standard, b)
			}
		}
		all = append(all, fromBase64(string(standard))...)
	}
	return all
}

// groups decodes text in the URL alphabet of base64, starting at each of its first four
// characters.
func groups(text []byte) []string {
	var all []string
	for n := range 4 {
		rest := text[n:]
		if len(rest)%4 == 1 {
			rest = rest[:len(rest)-1]
		}
		var decoded bytes.Buffer
		decoded.Grow(base64.RawURLEncoding.DecodedLen(len(rest)))
		out := decoded.AvailableBuffer()[:base64.RawURLEncoding.DecodedLen(len(rest))]
		if size, err := base64.RawURLEncoding.Decode(out, rest); err == nil {
			all = append(all, string(out[:size]))
		}
	}
	return all
}
