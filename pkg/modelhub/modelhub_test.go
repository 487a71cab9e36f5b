package modelhub_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	server "github.com/kubectl-blueprint/kubectl-blueprint/test/modelhub"
)

// huggingFace returns the answer about a model, and fails the test if it shows the token.
func huggingFace(t *testing.T, c *modelhub.Client, m modelhub.Model, token string) modelhub.Answer {
	t.Helper()
	answer, err := c.HuggingFace(t.Context(), m, modelhub.NewToken(token))
	if err != nil {
		t.Fatal(err)
	}
	canary.Search(t, fmt.Sprintf("%+v", answer), canary.Values()...)
	return answer
}

// TestHuggingFace has a token of every kind for a model of every kind.
func TestHuggingFace(t *testing.T) {
	t.Parallel()
	s := server.New(t, canary.Values()[0])
	client := modelhub.New(modelhub.Options{Endpoint: s.URL + "/"})
	host := s.Listener.Addr().String()
	const page, tokensPage = "accept the license at https://huggingface.co/", "https://huggingface.co/settings/tokens"
	const other = "fix the name of the model, or set a token with access to it"
	wrong := "hf_wrong" + canary.Values()[0]
	granted := modelhub.Answer{Outcome: modelhub.Granted}
	invalid := modelhub.Answer{Outcome: modelhub.InvalidToken, Reason: host + " rejects the token: wrong, expired or revoked", Fix: "create a token at " + tokensPage}
	for _, c := range []struct {
		id, revision, token string
		want                modelhub.Answer
	}{
		{server.Public, "", "", granted},
		{server.Public, "main", s.Visitor, granted},
		{server.Public, "", s.Visitor + "\r\n", granted},
		{server.Public, "", wrong, invalid},
		{server.Public, "v2", "", modelhub.Answer{Outcome: modelhub.NotFound, Reason: "revision not found on " + host, Fix: "fix the revision of the model"}},
		{server.Weights, "", "", granted},
		{server.Renamed, "", s.Visitor, granted},
		{server.Gated, "", s.Member, granted},
		{server.Gated, "", s.Visitor, modelhub.Answer{Outcome: modelhub.NotGranted, Reason: "the model is gated, and the account of the token has no access", Fix: page + server.Gated + " with the account of the token"}},
		{server.Gated, "", s.Narrow, modelhub.Answer{Outcome: modelhub.NotGranted, Reason: "the token has no permission to read gated models", Fix: "permit it at " + tokensPage}},
		{server.Gated, "", "", modelhub.Answer{Outcome: modelhub.NoToken, Reason: "the model is gated, and the container has no token", Fix: page + server.Gated}},
		{server.Gated, "", wrong, invalid},
		{server.Gated, "", "hf wrong", modelhub.Answer{Outcome: modelhub.InvalidToken, Reason: "the token contains characters that no token has", Fix: "create a token at " + tokensPage}},
		{server.Waiting, "", s.Member, modelhub.Answer{Outcome: modelhub.NotGranted, Reason: "the model is gated, and the request for access is awaiting review", Fix: "wait for the review, or use another model"}},
		{server.Private, "", s.Member, granted},
		{server.Private, "", s.Visitor, modelhub.Answer{Outcome: modelhub.NotFound, Reason: "not found on " + host + ", or private and the token has no access", Fix: other}},
		{server.Private, "", "", modelhub.Answer{Outcome: modelhub.NotFound, Reason: "not found on " + host + ", or private and the container has no token", Fix: other}},
		{"octo/gone", "", s.Member, modelhub.Answer{Outcome: modelhub.NotFound, Reason: "not found on " + host + ", or private and the token has no access", Fix: other}},
		{"octo/gone", "", wrong, invalid},
		{server.Busy, "", s.Member, modelhub.Answer{Outcome: modelhub.Unreachable, Reason: host + " is overloaded or failing"}},
		{server.Portal, "", s.Member, modelhub.Answer{Outcome: modelhub.Unreachable, Reason: host + " does not respond like Hugging Face"}},
	} {
		got := huggingFace(t, client, modelhub.Model{ID: c.id, Revision: c.revision}, c.token)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s with %q (-want +got):\n%s", c.id, strings.TrimSpace(c.token), diff)
		}
	}
	for _, request := range s.Requests() {
		if !strings.HasPrefix(request, "HEAD ") && !strings.Contains(request, "/api/whoami-v2 ") {
			t.Errorf("sent %s", request)
		}
	}
}

// TestEndpoints holds which endpoints receive a token.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	s := server.New(t, "")
	client := modelhub.New(modelhub.Options{Transport: s.Transport(), Endpoint: "https://mirror.example/hub"})
	for endpoint, want := range map[string]string{
		"https://huggingface.co": "granted ",
		"http://mirror.example":  "unreachable mirror.example uses plain HTTP, so the token was not sent",
		"https://u:p@mirror":     "unreachable HF_ENDPOINT is not a valid URL",
		"file:///models":         "unreachable HF_ENDPOINT is not a valid URL",
		"mirror.example":         "unreachable HF_ENDPOINT is not a valid URL",
		"":                       "unreachable mirror.example does not respond like Hugging Face", // it has no /hub
	} {
		a := huggingFace(t, client, modelhub.Model{Endpoint: endpoint, ID: server.Gated}, s.Member)
		if got := string(a.Outcome) + " " + a.Reason; got != want {
			t.Errorf("%s: got %q, want %q", endpoint, got, want)
		}
	}
	if got := huggingFace(t, client, modelhub.Model{Endpoint: "http://mirror.example", ID: server.Public}, ""); got.Outcome != modelhub.Granted {
		t.Errorf("without a token: got %v", got)
	}
}

// TestRedirects has a hub that redirects to a host that wants tokens.
func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed a redirect to another host") }))
	t.Cleanup(elsewhere.Close)
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	}))
	t.Cleanup(hub.Close)
	if got := huggingFace(t, modelhub.New(modelhub.Options{Endpoint: hub.URL}), modelhub.Model{ID: server.Gated}, "hf_x"); got.Outcome != modelhub.Unreachable {
		t.Errorf("got %v", got)
	}
}

// TestUnreachable has servers that are away, slow and not trusted.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	tls := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(tls.Close)
	const here = " from this machine (the cluster may still reach it)"
	for endpoint, want := range map[string]string{
		"http://127.0.0.1:1":                      "127.0.0.1:1 refused the connection" + here,
		"http://" + silent.Addr().String():        "connection to " + silent.Addr().String() + " timed out" + here,
		"https://hub.invalid":                     "hub.invalid",
		"https://" + tls.Listener.Addr().String(): "certificate of " + tls.Listener.Addr().String() + " is signed by an unknown authority",
	} {
		client := modelhub.New(modelhub.Options{Endpoint: endpoint, Timeout: 300 * time.Millisecond})
		got := huggingFace(t, client, modelhub.Model{ID: server.Gated}, "hf_"+canary.Values()[0])
		if got.Outcome != modelhub.Unreachable || !strings.Contains(got.Reason, want) {
			t.Errorf("%s: got %v", endpoint, got)
		}
	}
}

// TestVerifyHuggingFace has valid and invalid tokens, and no server.
func TestVerifyHuggingFace(t *testing.T) {
	t.Parallel()
	s := server.New(t, canary.Values()[0])
	client := modelhub.New(modelhub.Options{Endpoint: s.URL})
	for token, want := range map[string]modelhub.Outcome{s.Visitor: modelhub.Granted, "hf_wrong": modelhub.InvalidToken} {
		got, host, err := client.VerifyHuggingFace(t.Context(), modelhub.NewToken(token))
		if err != nil || got.Outcome != want || host != s.Listener.Addr().String() {
			t.Errorf("got %v of %s, %v; want %v", got, host, err, want)
		}
	}
	away := modelhub.New(modelhub.Options{Endpoint: "http://127.0.0.1:1"})
	if got, _, _ := away.VerifyHuggingFace(t.Context(), modelhub.NewToken("hf_x")); got.Outcome != modelhub.Unreachable {
		t.Errorf("got %v", got)
	}
}

// TestNGC has an API key of every kind.
func TestNGC(t *testing.T) {
	t.Parallel()
	s := server.New(t, canary.Values()[0])
	client := modelhub.New(modelhub.Options{Transport: s.Transport()})
	for _, c := range []struct {
		image, key string
		want       modelhub.Answer
	}{
		{server.NIM, s.Member, modelhub.Answer{Outcome: modelhub.Granted}},
		{"nvcr.io/nim/octo/llama:2", s.Member, modelhub.Answer{Outcome: modelhub.Granted}},
		{server.NIM, s.Visitor, modelhub.Answer{
			Outcome: modelhub.NotGranted, Reason: "the API key grants no access to nvcr.io/nim/octo/llama",
			Fix: "accept the terms at https://catalog.ngc.nvidia.com/orgs/nim/teams/octo/containers/llama",
		}},
		{server.NIM, "nvapi-wrong" + canary.Values()[0], modelhub.Answer{
			Outcome: modelhub.InvalidToken, Reason: "nvcr.io rejects the API key: wrong, expired or revoked", Fix: "create an API key at https://org.ngc.nvidia.com/setup/api-keys",
		}},
	} {
		got, err := client.NGC(t.Context(), c.image, modelhub.NewToken(c.key))
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%s (-want +got):\n%s%v", c.image, diff, err)
		}
		canary.Search(t, fmt.Sprintf("%+v", got), canary.Values()...)
	}
	for key, want := range map[string]modelhub.Outcome{s.Visitor: modelhub.Granted, "nvapi-x": modelhub.InvalidToken} {
		if got, host, err := client.VerifyNGC(t.Context(), modelhub.NewToken(key)); got.Outcome != want || host != "nvcr.io" || err != nil {
			t.Errorf("got %v of %s, %v; want %s", got, host, err, want)
		}
	}
	away := modelhub.New(modelhub.Options{Transport: refusing{}})
	if got, err := away.NGC(t.Context(), server.NIM, modelhub.NewToken(s.Member)); err != nil || got.Outcome != modelhub.Unreachable {
		t.Errorf("got %v, %v", got, err)
	}
}

type refusing struct{}

func (refusing) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "proxyconnect", Err: context.DeadlineExceeded}
}

// TestAnswersOnce holds that a question is asked once, also at the same time, and that
// each token has its own answer.
func TestAnswersOnce(t *testing.T) {
	t.Parallel()
	s := server.New(t, "")
	client := modelhub.New(modelhub.Options{Endpoint: s.URL})
	done := make(chan struct{})
	for range 5 {
		go func() {
			_, _ = client.HuggingFace(context.Background(), modelhub.Model{ID: server.Gated}, modelhub.NewToken(s.Member))
			done <- struct{}{}
		}()
	}
	for range 5 {
		<-done
	}
	if n := len(s.Requests()); n != 1 {
		t.Errorf("sent %d requests", n)
	}
	if got := huggingFace(t, client, modelhub.Model{ID: server.Gated}, s.Visitor); got.Outcome != modelhub.NotGranted {
		t.Errorf("got the answer for another token: %v", got)
	}
}

// TestInterrupted holds that an interrupt is an error rather than an answer.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := modelhub.New(modelhub.Options{Endpoint: "http://127.0.0.1:1"})
	if _, err := client.HuggingFace(ctx, modelhub.Model{ID: server.Public}, modelhub.Token{}); err == nil {
		t.Error("no error")
	}
}

// TestTokenIsNeverPrinted prints a token in every way.
func TestTokenIsNeverPrinted(t *testing.T) {
	t.Parallel()
	token := modelhub.NewToken(canary.Values()[0])
	asJSON, err := json.Marshal(map[string]any{"token": token})
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%v %+v %#v %s %d %x %v", token, token, token, token, token, token, []any{&token, struct{ t modelhub.Token }{token}})
	canary.Search(t, text+string(asJSON)+token.LogValue().String(), canary.Values()...)
}

// TestIsModelID tells IDs from paths, URLs and names.
func TestIsModelID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"meta-llama/Llama-3.1-8B-Instruct": true, "0x/y_z.1": true,
		"/models": false, "./models/x": false, "models": false, "a/b/c": false, "s3://bucket/x": false, "a/": false, "/b": false,
		"$(MODEL)": false, "a/b c": false, "../x": false, "~/x": false, "": false,
	} {
		if got := modelhub.IsModelID(text); got != want {
			t.Errorf("%q: got %t", text, got)
		}
	}
	if got := modelhub.Host("https://a.example:1/b"); got != "a.example:1" {
		t.Errorf("got %q", got)
	}
}
