package modelhub

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

const (
	publicHub = "https://huggingface.co"

	// tokensPage is where users of Hugging Face create tokens and set their permissions.
	tokensPage = publicHub + "/settings/tokens"
)

// Model is a model on Hugging Face or on a server with the same API.
type Model struct {
	Endpoint string // "" for the client's
	ID       string // organization/name
	Revision string // "" for main
}

// modelID matches the ID of a model with its organization. Names without one are old, and
// look like directories.
var modelID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*/[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// IsModelID reports whether text is the ID of a model, rather than a path or a URL.
func IsModelID(text string) bool { return modelID.MatchString(text) }

// HuggingFace reports whether the token grants access to a model. It returns an error only
// if ctx ends first.
func (c *Client) HuggingFace(ctx context.Context, m Model, t Token) (Answer, error) {
	m.Endpoint = strings.TrimRight(cmp.Or(m.Endpoint, c.opts.Endpoint), "/")
	m.Revision = cmp.Or(m.Revision, "main")
	return c.ask(ctx, question{model: m, token: t.hash()}, func(ctx context.Context) Answer { return c.head(ctx, m, t) })
}

// VerifyHuggingFace reports whether a token is valid. It returns the host that was asked,
// and an error only if ctx ends first.
func (c *Client) VerifyHuggingFace(ctx context.Context, t Token) (a Answer, host string, err error) {
	endpoint := strings.TrimRight(c.opts.Endpoint, "/")
	a, err = c.ask(ctx, question{model: Model{Endpoint: endpoint}, token: t.hash()}, func(ctx context.Context) Answer {
		resp, failed := c.send(ctx, http.MethodGet, endpoint, "/api/whoami-v2", t)
		if resp == nil {
			return failed
		}
		switch resp.StatusCode {
		case http.StatusOK:
			return Answer{Outcome: Granted}
		case http.StatusUnauthorized:
			return invalid(resp.Request.URL.Host)
		}
		return unexpected(resp)
	})
	return a, Host(endpoint), err
}

// Host returns the host of an endpoint, or the endpoint if it has none.
func Host(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.Host != "" {
		return u.Host
	}
	return "(invalid server)"
}

// head requests the head of one file of a model, as huggingface_hub does before it
// downloads the file. The responses are those that hf_raise_for_status in
// huggingface_hub/utils/_http.py distinguishes.
func (c *Client) head(ctx context.Context, m Model, t Token) Answer {
	path := "/" + m.ID + "/resolve/" + url.PathEscape(m.Revision) + "/config.json"
	resp, failed := c.send(ctx, http.MethodHead, m.Endpoint, path, t)
	if resp == nil {
		return failed
	}
	host, code, said := resp.Request.URL.Host, resp.Header.Get("X-Error-Code"), resp.Header.Get("X-Error-Message")
	license := "accept the license at " + publicHub + "/" + m.ID
	switch status := resp.StatusCode; {
	case status < http.StatusBadRequest && resp.Header.Get("X-Repo-Commit") != "", code == "EntryNotFound":
		return Answer{Outcome: Granted}
	case status == http.StatusUnauthorized && !t.IsZero() && c.rejects(ctx, m.Endpoint, resp, t):
		return invalid(host)
	case code == "GatedRepo" && t.IsZero():
		return Answer{NoToken, "the model is gated, and the container has no token", license}
	case strings.Contains(said, "fine-grained token settings"):
		return Answer{NotGranted, "the token has no permission to read gated models", "permit it at " + tokensPage}
	case code == "GatedRepo" && strings.Contains(said, "awaiting a review"):
		return Answer{NotGranted, "the model is gated, and the request for access is awaiting review", "wait for the review, or use another model"}
	case code == "GatedRepo":
		return Answer{NotGranted, "the model is gated, and the account of the token has no access", license + " with the account of the token"}
	case code == "RevisionNotFound":
		return Answer{NotFound, "revision not found on " + host, "fix the revision of the model"}
	case code == "RepoNotFound" && t.IsZero():
		return Answer{NotFound, "not found on " + host + ", or private and the container has no token", otherModel}
	case code == "RepoNotFound":
		return Answer{NotFound, "not found on " + host + ", or private and the token has no access", otherModel}
	case status == http.StatusForbidden && !t.IsZero():
		return Answer{NotGranted, "the token has no permission to read the model", "permit it at " + tokensPage}
	}
	return unexpected(resp)
}

// rejects reports whether HTTP 401 is about the token. Hugging Face also returns it for
// models that do not exist.
func (c *Client) rejects(ctx context.Context, endpoint string, resp *http.Response, t Token) bool {
	if resp.Header.Get("X-Error-Message") == "Invalid credentials in Authorization header" {
		return true
	}
	who, _ := c.send(ctx, http.MethodGet, endpoint, "/api/whoami-v2", t)
	return who != nil && who.StatusCode == http.StatusUnauthorized
}

// otherModel is the fix for a model that is missing or private.
const otherModel = "fix the name of the model, or set a token with access to it"

// newToken is the fix for an invalid token.
const newToken = "create a token at " + tokensPage

func invalid(host string) Answer {
	return Answer{InvalidToken, host + " rejects the token: wrong, expired or revoked", newToken}
}

// unexpected returns the answer for a response that is not about the token, such as the
// page of a proxy.
func unexpected(resp *http.Response) Answer {
	host := resp.Request.URL.Host
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= http.StatusInternalServerError {
		return Answer{Outcome: Unreachable, Reason: host + " is overloaded or failing"}
	}
	return Answer{Outcome: Unreachable, Reason: host + " does not respond like Hugging Face"}
}

// send sends a request with the token and follows redirects to the same host only: of
// others, huggingface_hub also reads the headers. Without a response it returns the answer.
func (c *Client) send(ctx context.Context, method, endpoint, path string, t Token) (*http.Response, Answer) {
	base, err := url.Parse(endpoint)
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.Scheme != "https" && base.Scheme != "http":
		return nil, Answer{Outcome: Unreachable, Reason: "HF_ENDPOINT is not a valid URL"}
	case base.Scheme == "http" && !t.IsZero() && !registry.IsLoopback(base.Hostname()):
		return nil, Answer{Outcome: Unreachable, Reason: base.Host + " uses plain HTTP, so the token was not sent"}
	case !t.sendable():
		return nil, Answer{InvalidToken, "the token contains characters that no token has", newToken}
	}
	req, err := http.NewRequestWithContext(ctx, method, endpoint+path, nil)
	if err != nil {
		return nil, Answer{Outcome: Unreachable, Reason: "HF_ENDPOINT is not a valid URL"}
	}
	req.Header.Set("User-Agent", "kubectl-blueprint")
	if !t.IsZero() {
		req.Header.Set("Authorization", "Bearer "+t.text())
	}
	client := &http.Client{Transport: c.opts.Transport, CheckRedirect: sameHost}
	resp, err := client.Do(req)
	if err != nil {
		return nil, unreachable(err, base.Host)
	}
	_ = resp.Body.Close()
	return resp, Answer{}
}

// sameHost stops at a redirect to another host.
func sameHost(req *http.Request, via []*http.Request) error {
	const most = 5
	switch first := via[0].URL; {
	case req.URL.Host != first.Host || req.URL.Scheme != first.Scheme:
		return http.ErrUseLastResponse
	case len(via) >= most:
		return errors.New("too many redirects")
	}
	return nil
}
