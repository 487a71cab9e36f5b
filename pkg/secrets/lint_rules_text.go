package secrets

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// findUTF16 finds text in UTF-16, as editors and shells of Windows save it, with
// or without a byte order mark. Other binary files are left alone.
func findUTF16(_ field, text string) string {
	data := []byte(text)
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(data) < 4 || len(data)%2 != 0:
		return ""
	case data[0] == 0xfe && data[1] == 0xff, data[0] == 0 && data[1] != 0:
		order = binary.BigEndian
	}
	ascii := 0
	for i := 0; i < len(data); i += 2 {
		unit := order.Uint16(data[i:])
		switch {
		case unit >= ' ' && unit <= '~' || unit == '\n' || unit == '\r' || unit == '\t':
			ascii++
		case unit == 0xfeff && i == 0:
		case utf16.IsSurrogate(rune(unit)) || !unicode.IsPrint(rune(unit)):
			return ""
		}
	}
	if ascii < len(data)/4 {
		return ""
	}
	return "is UTF-16 text, which programs read as other characters"
}

// line returns a value without what surrounds it by mistake, and whether it is
// a single line.
func line(text string) (string, bool) {
	text = strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark))
	return text, !strings.ContainsAny(text, "\r\n")
}

// findQuotes finds quotes around a whole value.
func findQuotes(f field, text string) string {
	text, single := line(text)
	if !single || len(text) < 2 || f.key == serverKey && f.isRegistry() {
		return ""
	}
	quote, inner := text[0], text[1:len(text)-1]
	if (quote == '"' || quote == '\'') && text[len(text)-1] == quote && strings.IndexByte(inner, quote) < 0 {
		return "is in quotes, which become part of the value"
	}
	return ""
}

var envLine = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=["']?(\S+?)["']?$`)

// findEnvLine finds a line of a .env file. A key that is such a file may have
// one.
func findEnvLine(f field, text string) string {
	text, single := line(text)
	if !single || strings.Contains(strings.ToLower(f.key), "env") {
		return ""
	}
	m := envLine.FindStringSubmatch(text)
	if m != nil && (looksLikeToken(m[2]) || plain(m[1]) == plain(f.key) || strings.HasPrefix(text, "export ")) {
		return "is a line of a .env file, not the value alone"
	}
	return ""
}

var scheme = regexp.MustCompile(`^(?i:(authorization:\s*)?(bearer|token|basic))\s+(\S+)$`)

// findScheme finds what an HTTP header has before a token. A key for a header
// may have it.
func findScheme(f field, text string) string {
	text, single := line(text)
	m := scheme.FindStringSubmatch(text)
	if !single || m == nil || !looksLikeToken(m[3]) || header.MatchString(f.key) {
		return ""
	}
	return "begins with a word of an HTTP header, not with the token"
}

var header = regexp.MustCompile(`(?i)auth|header|bearer`)

// findBrokenToken finds a token that goes on in the next line, which breaks HTTP
// headers. Lists of tokens and documents are left alone.
func findBrokenToken(_ field, text string) string {
	text, single := line(text)
	first, rest, _ := strings.Cut(text, "\n")
	if single || !token(strings.TrimSpace(first)) {
		return ""
	}
	for next := range strings.Lines(rest) {
		if next = strings.TrimSpace(next); token(next) || !word.MatchString(next) {
			return ""
		}
	}
	return "is a token with a newline in it, which breaks HTTP headers"
}

var word = regexp.MustCompile(`^[A-Za-z0-9_.+/=-]+$`)

// token reports whether a line is a token, and not the head of a document.
func token(text string) bool {
	return word.MatchString(text) && slices.ContainsFunc(tokenStarts(), func(start string) bool { return strings.HasPrefix(text, start) })
}

// findBase64 finds text that was encoded before Kubernetes does so: a token,
// however often it was encoded, and a line that ends as echo ends it. Other
// base64, such as random keys and whole files, may well be meant.
func findBase64(_ field, text string) string {
	decoded := text
	for range 3 {
		next, ok := decodeBase64(decoded)
		if !ok {
			return ""
		}
		decoded = next
		switch {
		case looksLikeToken(strings.TrimPrefix(decoded, byteOrderMark)):
			return "is the base64 of a token, and Kubernetes encodes it once more"
		case echoed.MatchString(decoded):
			return "is the base64 of a line of text, and Kubernetes encodes it once more"
		}
	}
	return ""
}

// echoed matches what echo writes of a password or the like.
var echoed = regexp.MustCompile(`^[!-~]{6,}\r?\n$`)

// decodeBase64 decodes all variants of base64, also in several lines.
func decodeBase64(text string) (string, bool) {
	const longest = 64 << 10 // a longer text is a file
	if text = strings.TrimSpace(text); text == "" || len(text) > longest {
		return "", false
	}
	text = strings.TrimRight(strings.NewReplacer("\n", "", "\r", "").Replace(text), "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(text); err == nil {
			return string(decoded), true
		}
	}
	return "", false
}
