package redact

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

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
