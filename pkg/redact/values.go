package redact

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// loginFields are the keys of a registry in a Docker config.
var loginFields = []string{"username", "password", "email", "auth", "identitytoken", "registrytoken"}

// knownUsers are user names that all users of a registry share.
var knownUsers = []string{"AWS", "$oauthtoken", "_json_key", "_json_key_base64", "oauth2accesstoken", "iamapikey", "00000000-0000-0000-0000-000000000000"}

// notSecret matches parts of values that are not secret: the scheme and the host of a URL,
// and the first and last lines of a PEM block.
var notSecret = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://(?:[^/?#@\s"']*@)?([^/?#\s"'@]*)|-----(?:BEGIN|END) [A-Z0-9 ]+-----|\.svc\.cluster\.local\b`)

// withParts returns values, and the values inside JSON values.
func withParts(values [][]byte) [][]byte {
	var all [][]byte
	for _, value := range values {
		all = append(all, value)
		if document, ok := asJSON(value); ok {
			all = append(all, leaves(document)...)
		}
	}
	return slices.DeleteFunc(all, func(v []byte) bool { return slices.Contains(knownUsers, string(v)) })
}

// asJSON returns value decoded if it is an object or a list.
func asJSON(value []byte) (document any, ok bool) {
	text := strings.TrimSpace(string(value))
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil, false
	}
	return document, json.Unmarshal([]byte(text), &document) == nil
}

// leaves returns the values inside a document: all logins, and other strings that are too
// long to be common words.
func leaves(document any) [][]byte {
	var all [][]byte
	switch document := document.(type) {
	case string:
		if len(document) >= window {
			all = append(all, []byte(document))
		}
	case []any:
		for _, item := range document {
			all = append(all, leaves(item)...)
		}
	case map[string]any:
		for key, value := range document {
			text, ok := value.(string)
			if !ok || !slices.Contains(loginFields, key) {
				all = append(all, leaves(value)...)
				continue
			}
			all = append(all, []byte(text))
			if decoded, err := base64.StdEncoding.DecodeString(text); err == nil && key == "auth" {
				user, password, _ := strings.Cut(string(decoded), ":")
				all = append(all, []byte(user), []byte(password))
			}
		}
	}
	return all
}

// secretParts returns the secret parts of value. For JSON it returns nil, because its
// leaves are separate values.
func secretParts(value []byte) []string {
	if _, ok := asJSON(value); ok {
		return nil
	}
	text := string(value)
	var cuts []span
	for _, found := range notSecret.FindAllStringSubmatchIndex(text, -1) {
		cut := span{found[0], found[1]}
		if host := found[2]; host > 0 && strings.Contains(text[found[0]:host], "@") { // keep the credentials
			scheme := found[0] + strings.Index(text[found[0]:host], "://") + len("://")
			cuts = append(cuts, span{found[0], scheme})
			cut = span{host, found[1]}
		}
		cuts = append(cuts, cut)
	}
	return split(text, nil, cuts)
}
