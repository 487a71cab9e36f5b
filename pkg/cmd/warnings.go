package cmd

import (
	"io"
	"net/http"
	"regexp"
	"sync"
)

// serverWarnings prints each warning of the API server once.
type serverWarnings struct {
	stderr io.Writer
	mu     sync.Mutex
	said   map[string]bool
}

// HandleWarningHeader prints a warning that is meant for users (RFC 7234: 299).
func (s *serverWarnings) HandleWarningHeader(code int, _, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code != 299 || text == "" || s.said[text] {
		return
	}
	if s.said == nil {
		s.said = map[string]bool{}
	}
	s.said[text] = true
	warn(s.stderr, "%s", text)
}

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
