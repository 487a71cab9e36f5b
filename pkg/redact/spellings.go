package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
)

// maxSpelled is the maximum length of values whose other spellings are replaced. Those of
// longer values do not fit into a text.
const maxSpelled = maxText

// spellings returns value, its lines, and its usual spellings in encodings and programs.
func spellings(value []byte) []string {
	text := string(value)
	all := []string{text, strings.TrimSpace(text)}
	if len(value) > maxSpelled {
		return all
	}
	for line := range strings.Lines(text) {
		all = append(all, strings.TrimSpace(line))
	}
	if len(value) < shortest-1 { // its encodings occur in other text by chance
		return all
	}
	all = append(all, escapes(text)...)
	return append(all, encodings(value)...)
}

// escapes returns text as quoted by Go, JSON, URLs and HTML.
func escapes(text string) []string {
	marshaled, _ := json.Marshal(text) // a string always marshals
	inJSON := unquote(string(marshaled))
	query := url.QueryEscape(text)
	entities := html.EscapeString(text)
	return []string{
		unquote(strconv.Quote(text)),
		inJSON,
		unquote(strconv.Quote(inJSON)),
		asciiOnly(inJSON),
		query,
		strings.ReplaceAll(query, "+", "%20"),
		strings.NewReplacer("+", "%20", "%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(query), // encodeURIComponent
		url.PathEscape(text),
		entities,
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#x27;").Replace(entities),
		strings.NewReplacer("&#34;", "&quot;", "&#39;", "&#039;").Replace(entities),
	}
}

// encodings returns value in base64, in hexadecimal and as Go prints bytes.
func encodings(value []byte) []string {
	lower := hex.EncodeToString(value)
	all := []string{
		base64.StdEncoding.EncodeToString(value),
		base64.RawStdEncoding.EncodeToString(value),
		base64.URLEncoding.EncodeToString(value),
		base64.RawURLEncoding.EncodeToString(value),
		fmt.Sprintf("%d", value),
		lower,
		strings.ToUpper(lower),
	}
	if len(value) < window {
		return all
	}
	colons := strings.ReplaceAll(fmt.Sprintf("% x", value), " ", ":")
	all = append(all, colons, strings.ToUpper(colons))
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		all = append(all, inner(encoding, value, 1), inner(encoding, value, 2))
	}
	return all
}

// inner returns the characters that depend only on value in an encoded text in which value
// follows n bytes of a group of three.
func inner(encoding *base64.Encoding, value []byte, n int) string {
	encoded := encoding.EncodeToString(append(make([]byte, n), value...))
	return encoded[n+1 : (n+len(value))*8/6]
}

// asciiOnly returns the content of a JSON string as Python's json module writes it.
func asciiOnly(text string) string {
	var out strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80:
			out.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&out, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.String()
}

func unquote(s string) string { return s[1 : len(s)-1] }
