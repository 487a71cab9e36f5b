package rollout_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// answers are the server's first ones to requests for a resource, in order, and
// the last of them to all others: "away", "forbidden" with more words, or "" for
// the true one.
type answers struct {
	http.RoundTripper
	resource string

	mu   sync.Mutex
	left []string
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(req.URL.Path, "/"+a.resource) {
		return a.RoundTripper.RoundTrip(req)
	}
	a.mu.Lock()
	answer := a.left[0]
	if len(a.left) > 1 {
		a.left = a.left[1:]
	}
	a.mu.Unlock()
	switch answer {
	case "":
		return a.RoundTripper.RoundTrip(req)
	case "away":
		return nil, syscall.ECONNREFUSED
	}
	body := `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Forbidden", "code": 403, "message": "` + answer + `"}`
	return &http.Response{
		StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// TestServerThatHasNotReadItsRoles refuses what it allows a moment later, and in
// the end what it never will.
func TestServerThatHasNotReadItsRoles(t *testing.T) {
	t.Parallel()
	const forbidden, unread = "x is forbidden: User y cannot watch", `x is forbidden: RBAC: clusterrole.rbac.authorization.k8s.io z not found`
	for name, c := range map[string]struct {
		resource string
		answers  []string
		lost     bool // something is not watched
	}{
		"roles unread":             {"deployments", []string{unread, unread, ""}, false},
		"forbidden after a loss":   {"deployments", []string{"away", forbidden, ""}, false},
		"not allowed after a loss": {"events", []string{"away", forbidden}, true},
		"not allowed at all":       {"events", []string{forbidden}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t, spec(deployment))
			f.config.Wrap(func(next http.RoundTripper) http.RoundTripper {
				return &answers{RoundTripper: next, resource: c.resource, left: c.answers}
			})
			r, err := f.watch(time.Minute, nil)
			if err != nil {
				t.Errorf("%v\n%s", err, strings.Join(r.lines, "\n"))
			}
			if lost := slices.ContainsFunc(r.lines, func(line string) bool { return strings.HasPrefix(line, "cannot show ") }); lost != c.lost {
				t.Errorf("something is not watched: %t\n%s", lost, strings.Join(r.lines, "\n"))
			}
		})
	}
}
