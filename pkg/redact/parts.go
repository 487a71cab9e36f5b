package redact

import (
	"encoding/base64"
	"strings"
)

// partLength is the length from which on a part of a value is hidden, and
// foldedValue that from which on a whole value is in another case.
const partLength, foldedValue = 12, 8

// scrubParts replaces in text what is left of values that were cut, or put in
// another case, by whoever quotes them.
func scrubParts(text string, values [][]byte) string {
	var wholes []string
	for _, value := range values {
		if len(value) >= foldedValue && !strings.HasPrefix(string(value), `{"auths":`) { // which has servers, too
			wholes = append(wholes, folded(string(value)), folded(base64.StdEncoding.EncodeToString(value)))
		}
	}
	var out strings.Builder
	rest, low := text, folded(text)
	for len(rest) > 0 {
		n := 0
		for _, whole := range wholes {
			n = max(n, sharedPart(low, whole))
		}
		if n > 0 {
			out.WriteString(Mask)
		} else {
			n = 1
			out.WriteByte(rest[0])
		}
		rest, low = rest[n:], low[n:]
	}
	return out.String()
}

// sharedPart returns how much of the beginning of text is in whole, or 0 where
// that is too little to tell.
func sharedPart(text, whole string) int {
	n := min(partLength, len(whole))
	if len(text) < n || !strings.Contains(whole, text[:n]) {
		return 0
	}
	for n < len(text) && strings.Contains(whole, text[:n+1]) {
		n++
	}
	return n
}

// folded is text in lower case, as far as it is ASCII, so that it keeps its
// length.
func folded(text string) string {
	bytes := []byte(text)
	for i, b := range bytes {
		if 'A' <= b && b <= 'Z' {
			bytes[i] = b + 'a' - 'A'
		}
	}
	return string(bytes)
}
