package kube

import (
	"net/http"
	"regexp"
	"sync"
)

// serverWarnings reports each warning of the API server once.
type serverWarnings struct {
	warn     func(format string, args ...any)
	mu       sync.Mutex
	reported map[string]bool
}

// HandleWarningHeader reports a warning that is meant for users (RFC 7234: 299).
func (s *serverWarnings) HandleWarningHeader(code int, _, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code != 299 || text == "" || s.reported[text] {
		return
	}
	if s.reported == nil {
		s.reported = map[string]bool{}
	}
	s.reported[text] = true
	s.warn("%s", text)
}

// aboutSecrets are the paths of requests about Secrets.
var aboutSecrets = regexp.MustCompile(`/api/v1/namespaces/[^/]+/secrets(/[^/]+)?$`)

// withoutWarnings removes the warnings of answers about Secrets: that of a webhook or
// a policy may quote a value.
type withoutWarnings struct{ http.RoundTripper }

// RoundTrip sends one request.
func (t withoutWarnings) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.RoundTripper.RoundTrip(request)
	if err == nil && aboutSecrets.MatchString(request.URL.Path) {
		answer.Header.Del("Warning")
	}
	return answer, err
}

// WrappedRoundTripper lets client-go find the wrapped transport.
func (t withoutWarnings) WrappedRoundTripper() http.RoundTripper { return t.RoundTripper }
