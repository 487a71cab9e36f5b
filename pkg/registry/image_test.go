package registry

import (
	"net/http"
	"strings"
	"testing"
)

// has is a registry that answers for a manifest, after whatever it asks for.
func has(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/manifests/") {
			w.WriteHeader(code)
		}
	}
}

// elsewhere redirects what is asked of r.example.com for a manifest.
func elsewhere(then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "r.example.com" && strings.Contains(r.URL.Path, "/manifests/") {
			http.Redirect(w, r, "https://other.example.com"+r.URL.Path, http.StatusTemporaryRedirect)
			return
		}
		then(w, r)
	}
}

func TestCheckImage(t *testing.T) {
	t.Parallel()
	given, none := NewCredential("r.example.com", username, password), Credential{}
	for _, c := range []struct {
		name   string
		with   Credential
		answer http.HandlerFunc
		want   Outcome
		words  string
	}{
		{"open", none, has(200), Accepted, ""},
		{"basic", given, basic(has(200)), Accepted, ""},
		{"token", given, bearer(giveToken, has(200)), Accepted, ""},
		{"token for anybody", none, bearer(giveToken, has(200)), Accepted, ""},
		{"no user name", NewCredential("r.example.com", "", password), basic(has(200)), AuthRequired, "requires credentials"},
		{"closed to those without", none, bearer(say(401, errorBody("who?")), has(200)), AuthRequired, "requires credentials"},
		{"the token grants no access", none, bearer(giveToken, has(401)), AuthRequired, "requires credentials"},
		{"denied", given, bearer(giveToken, has(401)), Forbidden, "denied this image (HTTP 401)"},
		{"forbidden", given, basic(has(403)), Forbidden, "denied this image (HTTP 403)"},
		{"wrong", given, basic(say(401, "")), BadCredentials, "wrong user name or password"},
		{"wrong, says the token service", given, bearer(say(401, errorBody(password)), has(200)), BadCredentials, "HTTP 401 from auth.example.com)"},
		{"expired", given, bearer(say(401, errorBody("token expired")), has(200)), Expired, "credentials expired"},
		{"none", given, bearer(giveToken, has(404)), NoImage, "image or tag not found"},
		{"busy", given, basic(has(503)), ServerError, "try again later"},
		{"too many", none, has(429), ServerError, "try again later"},
		{"no registry", none, page(404), NotRegistry, "is not a registry"},
		{"elsewhere, for anybody", none, elsewhere(has(200)), Accepted, ""},
		{"elsewhere, not there", none, elsewhere(has(404)), NotChecked, "redirects to a host that is not a registry"},
		{"elsewhere, with a password", given, elsewhere(basic(has(200))), NotChecked, "redirects to another host, to which credentials are not sent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, c.answer)
			err := CheckImage(t.Context(), "r.example.com/team/app:1", c.with, s.options(t))
			wantOutcome(t, err, c.want, c.words)
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, sent := range s.sent {
				if strings.HasPrefix(sent, "other.example.com") {
					t.Errorf("another host got %s", sent)
				}
			}
		})
	}
}

// TestHost spells where images are pulled from.
func TestHost(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"nginx": "docker.io", "index.docker.io/a/b": "docker.io", "nvcr.io/nim/a:1": "nvcr.io", "localhost:5000/a": "localhost:5000", "No image": "",
	} {
		if got := Host(image); got != want {
			t.Errorf("Host(%q) is %q, want %q", image, got, want)
		}
	}
}

// TestRepository leaves out tags and digests, but no ports.
func TestRepository(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"a/b": "a/b", "a/b:1": "a/b", "host:5000/a": "host:5000/a", "host:5000/a:1@sha256:0": "host:5000/a", "a@sha256:0": "a",
	} {
		if got := Repository(image); got != want {
			t.Errorf("%s: got %s", image, got)
		}
	}
}
