package secrets

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// withheld stands for words that can't be shown.
const withheld = "the server's words are withheld, because they may quote a value"

// shortValue is the length from which on a value can be told from an ordinary
// part of a word.
const shortValue = 4

// safe returns err without the values of op. This is a backstop: the API server
// itself doesn't quote values, but the admission webhooks and proxies whose
// words it passes on may.
func (op Operation) safe(err error) error {
	values := op.secretValues()
	var quoting quotingError
	if errors.As(err, &quoting) {
		for _, value := range quoting.values {
			values = append(values, value.bytes())
		}
	}
	text := err.Error()
	if scrubbed := scrubParts(scrub(text, values), values); scrubbed != text {
		return errors.New(scrubbed)
	}
	return err
}

// scrub replaces every value in text, however it is spelled, by ***.
func scrub(text string, values [][]byte) string {
	var spelled []string
	for _, value := range values {
		if short := strings.TrimSpace(string(value)); len(short) < shortValue && isWordOf(text, short) {
			return withheld
		}
		spelled = append(spelled, spellings(value)...)
	}
	// The longest first, so that none leaves the rest of another.
	slices.SortFunc(spelled, func(a, b string) int { return len(b) - len(a) })
	for _, s := range spelled {
		if len(s) >= shortValue {
			text = strings.ReplaceAll(text, s, mask)
		}
	}
	return text
}

// isWordOf reports whether a short value stands in text other than as a part of
// a word.
func isWordOf(text, short string) bool {
	if short == "" {
		return false
	}
	const edge = `(?:^|$|[^\pL\pN])`
	found, err := regexp.MatchString(edge+regexp.QuoteMeta(short)+edge, text)
	return found || err != nil
}

// secretValues reveals every value that op has or sends. The server of a
// registry is none.
func (op Operation) secretValues() [][]byte {
	var all [][]byte
	for _, f := range op.fields() {
		if op.Type != TypeContainerRegistry || f.key != serverKey {
			all = append(all, f.value().bytes())
		}
	}
	for _, registry := range op.registries() {
		all = append(all, []byte(basicAuth(registry)))
	}
	if op.Type == TypeContainerRegistry {
		all = append(all, op.dockerConfig())
	}
	return all
}

// spellings returns value as it is, its lines, and value in base64 and as Go,
// JSON and URLs have it.
func spellings(value []byte) []string {
	text := string(value)
	inJSON, _ := json.Marshal(text) // a string always marshals
	all := []string{
		text,
		strings.TrimSpace(text),
		unquoted(strconv.Quote(text)),
		unquoted(string(inJSON)),
		unquoted(strconv.Quote(unquoted(string(inJSON)))),
		base64.StdEncoding.EncodeToString(value),
		base64.RawStdEncoding.EncodeToString(value),
		base64.URLEncoding.EncodeToString(value),
		url.QueryEscape(text),
		url.PathEscape(text),
		fmt.Sprintf("%d", value), // as Go prints bytes
		fmt.Sprintf("%x", value),
	}
	for line := range strings.Lines(text) {
		all = append(all, strings.TrimSpace(line))
	}
	return all
}

func unquoted(s string) string { return s[1 : len(s)-1] }
