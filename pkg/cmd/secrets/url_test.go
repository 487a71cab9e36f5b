package secrets_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

const urlPayload = `{"name": "from-url", "action": "apply", "type": "opaque", "data": {"k": "open sesame"}}`

// payloadSite serves payloads, good and bad, as download sites do.
func payloadSite(t *testing.T) *httptest.Server {
	t.Helper()
	text := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
	}
	mux := http.NewServeMux()
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	mux.HandleFunc("/p.json", text(urlPayload))
	mux.HandleFunc("/bad.json", text(`{"name": "a", "action": "create", "type": "opaque", "data": {"k": ["open sesame"]}}`))
	mux.HandleFunc("/file.yaml", text("{name: a, action: create, type: opaque, data: {k: {valueFrom: {file: /etc/hostname}}}}"))
	mux.HandleFunc("/secret", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "open sesame", http.StatusForbidden) })
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/p.json", http.StatusFound) })
	mux.HandleFunc("/circle", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/circle", http.StatusFound) })
	mux.HandleFunc("/tls", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+r.Host+"/p.json?token=sesame", http.StatusFound)
	})
	mux.HandleFunc("/p/sesame/n/ns/b/bucket/o/dir/bad.json", text(`{"name": "a", "action": "create", "type": "opaque", "data": {"k": ["open sesame"]}}`))
	mux.HandleFunc("/p/sesame", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "open sesame", http.StatusForbidden) })
	mux.HandleFunc("/recipe.json", text(`{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a"}`))
	mux.HandleFunc("/malformed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://user:sesame@host/%zz?token=sesame")
		w.WriteHeader(http.StatusFound)
	})
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer") != "" || r.Header.Get("Authorization") != "" {
			t.Errorf("another host gets the headers %v", r.Header)
		}
		_, _ = io.WriteString(w, urlPayload)
	}))
	t.Cleanup(other.Close)
	mux.HandleFunc("/elsewhere", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
	mux.HandleFunc("/user", func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "user" || password != "sesame" {
			t.Errorf("the user of the URL is %q", user)
		}
		_, _ = io.WriteString(w, urlPayload)
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		for block := make([]byte, 1<<20); ; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	return site
}

// TestPayloadFromURL reads payloads off a server, and never says what may be a
// credential of the URL, or what the server sent.
func TestPayloadFromURL(t *testing.T) {
	t.Parallel()
	site := payloadSite(t)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, kubetest.Namespace(t)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ path, want string }{
		{"/p.json", "Secret 'from-url' created successfully"},
		{"/moved", "Secret 'from-url' is unchanged"},
		{"/bad.json", "error: SITE/bad.json:1:67: /data/k: must be a string, got an array"},
		{"/file.yaml", "error: SITE/file.yaml:1:70: /data/k/valueFrom/file: files are not allowed in a payload from a URL"},
		{"/elsewhere", "Secret 'from-url' is unchanged"},
		{"/user", "Secret 'from-url' is unchanged"},
		{"/p/sesame/n/ns/b/bucket/o/dir/bad.json", "error: SITE/…/bad.json:1:67: /data/k: must be a string, got an array"},
		{"/p/sesame", "error: SITE/…/…: the server answered 403 Forbidden"},
		{"/recipe.json", "error: SITE/recipe.json:1:1: must be a secrets payload, got a recipe\nhint: deploy it: curl -fsSL URL | kubectl blueprint deploy -"},
		{"/malformed", "error: SITE/malformed: the server redirects to an invalid URL"},
		{"/secret", "error: SITE/secret: the server answered 403 Forbidden"},
		{"/circle", "error: SITE/circle: too many redirects"},
		{"/tls", "error: SITE/tls: the server redirects from http to another protocol; use the target URL"},
		{"/large", "error: SITE/large: must be at most 64 MiB"},
	} {
		url := strings.Replace(site.URL, "http://", "http://user:sesame@", 1) + tt.path + "?token=sesame"
		code, stdout, stderr := plugin.Run("", "secrets", "apply", "-f", url, "--kubeconfig", kubeconfig)
		all := strings.ReplaceAll(stdout+stderr, site.URL, "SITE")
		if failed := strings.HasPrefix(tt.want, "error"); !strings.Contains(all, tt.want) || (code != 0) != failed {
			t.Errorf("%s: code %d, want %q, got\n%s", tt.path, code, tt.want, all)
		}
		if strings.Contains(all, "sesame") {
			t.Errorf("%s: a credential or value is said:\n%s", tt.path, all)
		}
	}
	// A port on which nothing listens: that of a closed server may be another's.
	code, _, stderr := plugin.Run("", "secrets", "apply", "-f", "http://127.0.0.1:1/p.json?token=sesame", "--kubeconfig", kubeconfig)
	if code != 1 || !strings.Contains(stderr, "connection refused") || strings.Contains(stderr, "sesame") {
		t.Errorf("site is down: code %d\n%s", code, stderr)
	}
}
