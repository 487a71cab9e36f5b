package redact

import "regexp"

// credentials are the parts of a URL that may be a credential: what is before
// its host, and its query.
var credentials = regexp.MustCompile("(?i)\\b([a-z][a-z0-9+.-]*://)(?:[^\\s\"'`<>/?#@]*@)?([^\\s\"'`<>?#]*)(?:[?#][^\\s\"'`<>]*)?")

// URLs returns text without the user, the password, the query and the fragment
// of each URL in it.
func URLs(text string) string { return credentials.ReplaceAllString(text, "$1$2") }
