package redact

import "regexp"

// credentials matches a URL with the parts that may be credentials: the user information,
// the query and the fragment.
var credentials = regexp.MustCompile("(?i)\\b([a-z][a-z0-9+.-]*://)(?:[^\\s\"'`<>/?#@]*@)?([^\\s\"'`<>?#]*)(?:[?#][^\\s\"'`<>]*)?")

// URLs returns text without the user, the password, the query and the fragment
// of each URL in it.
func URLs(text string) string { return credentials.ReplaceAllString(text, "$1$2") }
