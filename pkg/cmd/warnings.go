package cmd

import (
	"net/http"
	"regexp"
)

// aboutSecrets are the paths of requests about Secrets.
var aboutSecrets = regexp.MustCompile(`/api/v1/namespaces/[^/]+/secrets(/[^/]+)?$`)

// withoutWarnings takes the warnings from answers about Secrets: a webhook's or
// a policy's may quote the value that it warns of.
type withoutWarnings struct{ http.RoundTripper }

// RoundTrip carries out one request.
func (t withoutWarnings) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(request)
	if err == nil && aboutSecrets.MatchString(request.URL.Path) {
		answer.Header.Del("Warning")
	}
	return answer, err
}

// WrappedRoundTripper is how client-go finds what is inside.
func (t withoutWarnings) WrappedRoundTripper() http.RoundTripper { return t.RoundTripper }
