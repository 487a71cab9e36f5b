// Package modelhub is a server for tests that answers like Hugging Face and like the
// registry of NGC: it knows tokens, and models that are public, gated, private or
// missing. It listens on loopback, and its transport sends requests for the real
// services to it, so that no test leaves this machine. It records the tokens that it
// receives and, like a careless server, repeats them in its error messages.
package modelhub

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// The models of the organization octo. All others are missing.
const (
	Public  = "octo/public"
	Gated   = "octo/gated"
	Waiting = "octo/waiting" // gated, and the request of every account is waiting
	Private = "octo/private"
	Weights = "octo/weights" // public, without config.json
	Renamed = "octo/renamed" // redirects to Public
	Busy    = "octo/busy"    // the server fails, also for names that start like this
	Portal  = "octo/portal"  // a proxy redirects to its own page
)

// NIM is the image that accounts with a license may pull.
const NIM = "nvcr.io/nim/octo/llama:1"

// Server is the server. Of its tokens, Member's account has accepted the license of the
// gated model and may read the private one, and Narrow is the same account's token without
// permissions. Visitor's account has accepted nothing.
type Server struct {
	*httptest.Server
	Member, Visitor, Narrow string
	Key                     string // the API key of Member's account

	mu       sync.Mutex
	requests []string
}

// New starts a server whose tokens end with mark.
func New(t testing.TB, mark string) *Server {
	t.Helper()
	s := &Server{Member: "hf_member" + mark, Visitor: "hf_visitor" + mark, Narrow: "hf_narrow" + mark, Key: "nvapi-member" + mark}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/whoami-v2", s.whoami)
	mux.HandleFunc("GET /octo/{name}/resolve/{revision}/{file}", s.file)
	mux.HandleFunc("GET /v2/", s.registry)
	mux.HandleFunc("GET /proxy_auth", s.registryToken)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, fmt.Sprintf("%s %s%s %s", r.Method, r.Host, r.URL.Path, r.Header.Get("Authorization")))
		s.mu.Unlock()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// Requests returns the requests so far: method, host and path, authorization.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.requests...)
}

// Transport sends every request to the server, whatever its host.
func (s *Server) Transport() http.RoundTripper { return redirect{s.Listener.Addr().String()} }

type redirect struct{ to string }

func (r redirect) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Host, out.URL.Scheme, out.URL.Host = req.URL.Host, "http", r.to
	resp, err := http.DefaultTransport.RoundTrip(out)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// account returns the token of a request without its mark: "" for no token.
func (s *Server) account(r *http.Request) string {
	switch token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "); token {
	case "":
		return ""
	case s.Member, s.Key:
		return "member"
	case s.Visitor:
		return "visitor"
	case s.Narrow:
		return "narrow"
	}
	return "invalid"
}

func (s *Server) whoami(w http.ResponseWriter, r *http.Request) {
	if account := s.account(r); account == "" || account == "invalid" {
		fail(w, r, http.StatusUnauthorized, "", "Invalid username or password.")
		return
	}
	_, _ = fmt.Fprint(w, `{"type":"user"}`)
}

// file answers like huggingface.co: HTTP 401 for a missing model unless the token is valid.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	model, account := "octo/"+r.PathValue("name"), s.account(r)
	missing := http.StatusNotFound
	if account == "" {
		missing = http.StatusUnauthorized
	}
	switch {
	case strings.HasPrefix(model, Busy):
		w.WriteHeader(http.StatusBadGateway)
	case model == Portal:
		http.Redirect(w, r, "https://portal.invalid/login", http.StatusFound)
	case account == "invalid":
		fail(w, r, http.StatusUnauthorized, "", "Invalid username or password.")
	case model == Renamed:
		http.Redirect(w, r, "/"+Public+"/resolve/"+r.PathValue("revision")+"/"+r.PathValue("file"), http.StatusTemporaryRedirect)
	case model == Gated && account == "", model == Waiting && account == "":
		fail(w, r, http.StatusUnauthorized, "GatedRepo", "Access to model "+model+" is restricted.")
	case model == Gated && account == "visitor":
		fail(w, r, http.StatusForbidden, "GatedRepo", "Access to model "+model+" is restricted.")
	case model == Gated && account == "narrow":
		fail(w, r, http.StatusForbidden, "", "Please enable access to public gated repositories in your fine-grained token settings to view this repository.")
	case model == Waiting:
		fail(w, r, http.StatusForbidden, "GatedRepo", "Your request to access model "+model+" is awaiting a review from the repo authors.")
	case model == Private && account != "member", model != Public && model != Gated && model != Private && model != Weights:
		fail(w, r, missing, "RepoNotFound", "Repository not found")
	case r.PathValue("revision") != "main":
		fail(w, r, http.StatusNotFound, "RevisionNotFound", "Invalid rev id")
	case model == Weights:
		fail(w, r, http.StatusNotFound, "EntryNotFound", "Entry not found")
	default: // files are on other hosts
		w.Header().Set("X-Repo-Commit", strings.Repeat("0", 40))
		http.Redirect(w, r, "https://files.invalid/config.json", http.StatusFound)
	}
}

func fail(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	if code != "" {
		w.Header().Set("X-Error-Code", code)
	}
	w.Header().Set("X-Error-Message", message)
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error": %q}`, r.Header.Get("Authorization"))
}

// registryToken is the token service of the registry, which has the Hugging Face server's
// accounts. The token is the account.
func (s *Server) registryToken(w http.ResponseWriter, r *http.Request) {
	user, key, _ := r.BasicAuth()
	r.Header.Set("Authorization", "Bearer "+key)
	account := s.account(r)
	if user != "$oauthtoken" || account == "invalid" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"errors":[{"code":"UNAUTHORIZED","message":"no account for %s"}]}`, key)
		return
	}
	_, _ = fmt.Fprintf(w, `{"token": %q}`, account)
}

// registry answers requests for the authentication method, and for the manifest of NIM.
func (s *Server) registry(w http.ResponseWriter, r *http.Request) {
	account := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case account == "":
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://nvcr.io/proxy_auth",scope="repository:*:pull"`)
		w.WriteHeader(http.StatusUnauthorized)
	case r.URL.Path == "/v2/":
	case account != "member":
		w.WriteHeader(http.StatusForbidden)
	case r.URL.Path == "/v2/nim/octo/llama/manifests/1":
		w.Header().Set("Content-Type", "application/vnd.oci.image.index.v1+json")
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}
