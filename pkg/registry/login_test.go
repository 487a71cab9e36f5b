package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/logs"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

func say(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); _, _ = io.WriteString(w, body) }
}

func errorBody(message string) string {
	return fmt.Sprintf(`{"errors":[{"code":"DENIED","message":%q}]}`, message)
}

// asks is a registry with a challenge, and an answer to those who meet it.
func asks(challenge string, then http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		then(w, r)
	}
}

func basic(then http.HandlerFunc) http.HandlerFunc { return asks(`Basic realm="r"`, then) }

// bearer is a registry and its token service, with the answers of both.
func bearer(token, then http.HandlerFunc) http.HandlerFunc {
	registry := asks(`Bearer realm="https://auth.example.com/token",service="s"`, then)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "auth.example.com" {
			token(w, r)
			return
		}
		registry(w, r)
	}
}

func again(then http.HandlerFunc, challenge string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("WWW-Authenticate", challenge)
		then(w, r)
	}
}

func page(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		say(code, "<html>")(w, r)
	}
}

var letIn, giveToken = say(200, "{}"), say(200, `{"token":"t"}`)

var logins = []struct {
	name   string
	answer http.HandlerFunc
	want   Outcome
	words  string
}{
	{"basic", basic(letIn), Accepted, ""},
	{"basic, one of several", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("WWW-Authenticate", "Negotiate")
		w.Header().Add("WWW-Authenticate", `Basic realm="r"`)
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(401)
		}
	}, Accepted, ""},
	{"token", bearer(giveToken, letIn), Accepted, ""},
	{"access token", bearer(say(200, `{"access_token":"t"}`), letIn), Accepted, ""},
	{"open", letIn, Anonymous, "does not ask for credentials"},
	{"open, but looks", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			again(say(401, ""), `Basic realm="r"`)(w, r)
		}
	}, BadCredentials, "HTTP 401 from registry.example.com"},
	{"wrong", basic(again(say(401, errorBody("who?")), `Basic realm="r"`)), BadCredentials,
		`wrong user name or password (HTTP 401 from registry.example.com: "who?")`},
	{"wrong for the token service", bearer(say(401, ""), letIn), BadCredentials, "(HTTP 401 from auth.example.com)"},
	{"expired", basic(again(say(401, errorBody("Your token has EXPIRED.")), `Basic realm="r"`)), Expired, "credentials expired"},
	{"expired, in no particular form", basic(say(403, "authorization expired")), Expired, "HTTP 403"},
	{"expired for the token service", bearer(say(401, errorBody("key expired yesterday")), letIn), Expired, "auth.example.com"},
	{"expired in name only", func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "expired.example.com" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		asks(`Bearer realm="https://expired.example.com/"`, letIn)(w, r)
	}, BadCredentials, "HTTP 401 from expired.example.com"},
	{"forbidden", basic(say(403, errorBody("denied"))), Forbidden, `from registry.example.com: "denied"`},
	{"forbidden by the token service", bearer(say(403, ""), letIn), Forbidden, "auth.example.com"},
	{"a token for nothing", bearer(giveToken, again(say(401, ""), `Bearer realm="x",error="insufficient_scope"`)), Forbidden, "grants no access"},
	{"a token of the past", bearer(giveToken, again(say(401, ""), `Bearer realm="x",error="invalid_token"`)), ServerError, "clocks"},
	{"no token", bearer(say(200, "{}"), letIn), ServerError, "returned no token"},
	{"no JSON", bearer(say(200, canary), letIn), ServerError, "returned no token"},
	{"lost token service", bearer(say(404, ""), letIn), ServerError, "other than the credentials (HTTP 404"},
	{"no token service", asks("Bearer", letIn), ServerError, "names no token service"},
	{"token service over HTTP", asks(`Bearer realm="http://auth.example.com"`, letIn), PlainHTTP, "auth.example.com uses plain HTTP"},
	{"token service inside", asks(`Bearer realm="https://169.254.169.254/"`, letIn), NotChecked, "internal address 169.254.169.254"},
	{"busy", say(429, ""), ServerError, "HTTP 429"},
	{"busy after asking", basic(say(503, "")), ServerError, "HTTP 503"},
	{"busy token service", bearer(say(500, ""), letIn), ServerError, "auth.example.com is overloaded"},
	{"closed to this machine", say(403, ""), ServerError, "before authentication"},
	{"web server", say(404, ""), NotRegistry, "/v2/ returns HTTP 404"},
	{"web server with a password", basic(say(404, "")), NotRegistry, "HTTP 404"},
	{"web page", page(200), NotRegistry, "web page"},
	{"web page with a password", basic(page(200)), NotRegistry, "web page"},
	{"another way in", asks("Negotiate", letIn), NotRegistry, "neither basic nor token"},
	{"no way in", say(401, ""), NotRegistry, "neither basic nor token"},
	{"redirect", http.RedirectHandler("https://elsewhere.example.com/v2/", http.StatusTemporaryRedirect).ServeHTTP, NotChecked, "redirects to another host, to which credentials are not sent"},
	{"redirect after asking", basic(http.RedirectHandler("https://elsewhere.example.com/v2/", http.StatusTemporaryRedirect).ServeHTTP), NotChecked, "redirects to another host, to which credentials are not sent"},
	{"redirect to HTTP", basic(http.RedirectHandler("http://registry.example.com/v2/", http.StatusTemporaryRedirect).ServeHTTP), PlainHTTP, "the password was not sent"},
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for _, tt := range logins {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, tt.answer)
			err := Login(t.Context(), NewCredential("registry.example.com", username, password), s.options(t))
			wantOutcome(t, err, tt.want, tt.words)
			for _, sent := range s.sent {
				if strings.Contains(sent, "elsewhere") {
					t.Error("the password went to another host")
				}
			}
			if len(s.sent) > 2 {
				t.Errorf("logged in %d times", len(s.sent))
			}
		})
	}
}

func TestLoginSendsThePasswordOnceAndTheTokenOnce(t *testing.T) {
	t.Parallel()
	s := serve(t, bearer(say(200, `{"token":"t"}`), say(200, "{}")))
	if err := Login(t.Context(), NewCredential("https://registry.example.com/v2/", "u", "p"), s.options(t)); err != nil {
		t.Error(err)
	}
	want := []string{"auth.example.com/token Basic dTpw", "registry.example.com/v2/ Bearer t"}
	if diff := cmp.Diff(want, s.sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestLoginKeepsCredentialsToItself(t *testing.T) {
	// Not parallel: the library's loggers are global.
	var logged bytes.Buffer
	for _, l := range []*log.Logger{logs.Warn, logs.Progress, logs.Debug} {
		l.SetOutput(&logged)
		defer l.SetOutput(io.Discard)
	}
	c := NewCredential("registry.example.com", username, password)
	_, encoded, _ := strings.Cut((&login{username: username, password: password}).basic(), " ")
	for _, said := range []string{password, username, strings.ToUpper(password), "starts with " + password[:5], encoded, "a\nb"} {
		for _, answer := range []http.HandlerFunc{say(403, errorBody(said)), say(401, errorBody(said)), say(500, errorBody(said)), say(403, said)} {
			for _, all := range []http.HandlerFunc{basic(answer), bearer(answer, answer), bearer(say(200, `{"token":"t"}`), answer)} {
				s := serve(t, all)
				err := Login(t.Context(), c, s.options(t))
				if err == nil || strings.Contains(err.Error(), said) || strings.Contains(err.Error(), "which says") {
					t.Errorf("told the error %v", err)
				}
				if text := fmt.Sprintf("%+v %#v", err, err) + logged.String(); strings.Contains(text, canary) || strings.Contains(text, encoded) {
					t.Errorf("credentials in %s", text)
				}
			}
		}
	}
}

func TestLoginGivesUp(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	err := Login(ctx, NewCredential("registry.example.com", username, password), s.options(t))
	if !errors.Is(err, context.Canceled) || OutcomeOf(err) != "" {
		t.Errorf("outcome is %q: %v, want that it was canceled", OutcomeOf(err), err)
	}
}

func TestLoginWithNothingToTest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		c       Credential
		outcome Outcome
		words   string
	}{
		{Credential{}, NotChecked, "invalid registry server"},
		{NewCredential("*.example.com", username, password), NotChecked, "server with wildcards"},
		{NewCredential(" nvcr.io", username, password), NotChecked, "the kubelet ignores"},
		{NewCredential("nvcr.io", "", password), NoLogin, "no user name"},
		{NewCredential("nvcr.io", username, ""), NoLogin, "no password"},
		{NewCredential("a:b:c", username, password), NotChecked, "invalid registry server"},
	} {
		wantOutcome(t, Login(t.Context(), tt.c, Options{}), tt.outcome, tt.words)
	}
}
