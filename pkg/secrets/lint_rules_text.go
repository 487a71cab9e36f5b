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

// findUTF16 finds text in UTF-16, with or without a byte order mark, which editors and
// shells on Windows write. It accepts other binary files.
func findUTF16(_ field, text string) (message, hint string) {
	data := []byte(text)
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(data) < 4 || len(data)%2 != 0:
		return "", ""
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
			return "", ""
		}
	}
	if ascii < len(data)/4 {
		return "", ""
	}
	return "is UTF-16 text, which most programs cannot read", "save it as UTF-8"
}

// line returns a value without surrounding whitespace and byte order mark, and reports
// whether it is a single line.
func line(text string) (string, bool) {
	text = strings.TrimSpace(strings.TrimPrefix(text, byteOrderMark))
	return text, !strings.ContainsAny(text, "\r\n")
}

// findQuotes finds quotes around a whole value.
func findQuotes(f field, text string) (message, hint string) {
	text, single := line(text)
	if !single || len(text) < 2 || f.key == serverKey && f.isRegistry() {
		return "", ""
	}
	quote, inner := text[0], text[1:len(text)-1]
	if (quote == '"' || quote == '\'') && text[len(text)-1] == quote && strings.IndexByte(inner, quote) < 0 {
		return "is in quotes, which become part of the value", "remove the quotes"
	}
	return "", ""
}

var envLine = regexp.MustCompile(`^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=["']?(\S+?)["']?$`)

// findEnvLine finds a line of a .env file. It accepts keys for .env files.
func findEnvLine(f field, text string) (message, hint string) {
	text, single := line(text)
	if !single || strings.Contains(strings.ToLower(f.key), "env") {
		return "", ""
	}
	m := envLine.FindStringSubmatch(text)
	if m != nil && (looksLikeToken(m[2]) || plain(m[1]) == plain(f.key) || strings.HasPrefix(text, "export ")) {
		return "is an assignment, as in a .env file", "keep only the part after the equals sign"
	}
	return "", ""
}

var scheme = regexp.MustCompile(`^(?i:(authorization:\s*)?(bearer|token|basic))\s+(\S+)$`)

// findScheme finds an HTTP authentication scheme before a token. It accepts keys for HTTP
// headers.
func findScheme(f field, text string) (message, hint string) {
	text, single := line(text)
	m := scheme.FindStringSubmatch(text)
	if !single || m == nil || !looksLikeToken(m[3]) || header.MatchString(f.key) {
		return "", ""
	}
	return "starts with an HTTP authentication scheme", "keep only the token; programs add the scheme"
}

var header = regexp.MustCompile(`(?i)auth|header|bearer`)

// findLineBreak finds a token with a line break. It accepts lists of tokens and documents.
func findLineBreak(_ field, text string) (message, hint string) {
	text, single := line(text)
	first, rest, _ := strings.Cut(text, "\n")
	if single || !token(strings.TrimSpace(first)) {
		return "", ""
	}
	for next := range strings.Lines(rest) {
		if next = strings.TrimSpace(next); token(next) || !word.MatchString(next) {
			return "", ""
		}
	}
	return "is a token with a line break, which breaks HTTP headers", "put the token on one line"
}

var word = regexp.MustCompile(`^[A-Za-z0-9_.+/=-]+$`)

// token reports whether a line is a token, rather than the first line of a document.
func token(text string) bool {
	return word.MatchString(text) && slices.ContainsFunc(tokenStarts(), func(start string) bool { return strings.HasPrefix(text, start) })
}

// findBase64 finds encoded text, because Kubernetes encodes values itself: a token that
// was encoded up to three times, or a line that was printed by echo. It accepts other
// base64, such as random keys and files.
func findBase64(_ field, text string) (message, hint string) {
	const remedy = "use the plain text (base64 -d); Kubernetes encodes it"
	decoded := text
	for range 3 {
		next, ok := decodeBase64(decoded)
		if !ok {
			return "", ""
		}
		decoded = next
		switch {
		case looksLikeToken(strings.TrimPrefix(decoded, byteOrderMark)):
			return "is a base64-encoded token", remedy
		case echoed.MatchString(decoded):
			return "is a base64-encoded line of text", remedy
		}
	}
	return "", ""
}

// echoed matches one word and the newline that echo adds.
var echoed = regexp.MustCompile(`^[!-~]{6,}\r?\n$`)

// decodeBase64 decodes all variants of base64, including text of several lines.
func decodeBase64(text string) (string, bool) {
	const longest = 64 << 10 // longer texts are files
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
