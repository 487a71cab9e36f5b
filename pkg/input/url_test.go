package input_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
)

// site serves texts and redirects. Any error text of the server is "sesame", which
// is also the credential in every URL of the tests.
func site(t *testing.T) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("another host received the headers %v", r.Header)
		}
		_, _ = io.WriteString(w, "other host")
	}))
	t.Cleanup(other.Close)
	mux.HandleFunc("/a.json", func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		_, _ = io.WriteString(w, user+":"+password+" "+r.URL.RawQuery)
	})
	mux.HandleFunc("/p/sesame/n/ns/b/bucket/o/a.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "object") })
	mux.HandleFunc("/forbidden", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "sesame", http.StatusForbidden) })
	for path, location := range map[string]string{
		"/circle": "/circle", "/elsewhere": other.URL, "/tls": "https://sesame/", "/malformed": "http://user:sesame@host/%zz",
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		})
	}
	return server
}

// TestReadURL reads from a server. Neither the name nor an error contains what may
// be a credential of the URL or the server's own error text.
func TestReadURL(t *testing.T) {
	t.Parallel()
	server := site(t)
	for _, tt := range []struct{ path, name, text, err string }{
		{path: "/a.json", name: "SITE/a.json", text: "user:sesame token=sesame"},
		{path: "/p/sesame/n/ns/b/bucket/o/a.json", name: "SITE/…/a.json", text: "object"},
		{path: "/elsewhere", name: "SITE/elsewhere", text: "other host"},
		{path: "/p/sesame", err: "SITE/…/…: the server answered 404 Not Found"},
		{path: "/forbidden", err: "SITE/forbidden: the server answered 403 Forbidden"},
		{path: "/circle", err: "SITE/circle: too many redirects"},
		{path: "/tls", err: "SITE/tls: the server redirects from http to another protocol; use the target URL"},
		{path: "/malformed", err: "SITE/malformed: the server redirects to an invalid URL"},
	} {
		url := strings.Replace(server.URL, "http://", "http://user:sesame@", 1) + tt.path + "?token=sesame"
		name, text, err := input.Read(t.Context(), url, nil)
		message := ""
		if err != nil {
			message = strings.ReplaceAll(err.Error(), server.URL, "SITE")
		}
		if name = strings.ReplaceAll(name, server.URL, "SITE"); tt.err == "" && name != tt.name || string(text) != tt.text || message != tt.err {
			t.Errorf("%s: got %q, %q, %q", tt.path, name, text, message)
		}
	}
}

func TestReadURLWithoutServer(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"http://127.0.0.1:1/a?token=sesame": "connection refused",
		"https:///sesame":                   "invalid URL: must be https://HOST/PATH",
		"http://sesame:%zz@host/":           "invalid URL: must be https://HOST/PATH",
	} {
		if _, _, err := input.Read(t.Context(), url, nil); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: got %v", url, err)
		}
	}
}
