package ask

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/modelserver"
)

const secretValue = "s3cret-c4nary-value"

// withKey returns a key like that of findKey.
func withKey() *apiKey {
	return &apiKey{
		from:      `Secret "api", key "KEY"`,
		authorize: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secretValue) },
		redactor:  redact.New([]byte(secretValue)),
	}
}

// newClient returns a client of a server in place of a pod.
func newClient(t *testing.T, handler http.Handler, key *apiKey) *client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "recipe-nim-abc", Namespace: "shop"}}
	return &client{
		http: server.Client(), base: server.URL, key: key,
		target: &target{cluster: &kube.Cluster{Namespace: "shop"}, release: "recipe-nim", pod: pod, port: 8000},
	}
}

// answer responds with a status, a type and a body.
func answer(status int, media, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

func TestAsk(t *testing.T) {
	t.Parallel()
	server := &modelserver.Server{Models: []string{"test/model"}, APIKey: secretValue, Delay: 20 * time.Millisecond}
	c := newClient(t, server, withKey())
	var parts []string
	got, err := c.ask(t.Context(), Question{Text: "What is a pod?", System: "Be brief."}, func(part string) error {
		parts = append(parts, part)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const text = `The system prompt is "Be brief.". You asked: What is a pod?`
	if got.Answer != text || strings.Join(parts, "") != text || got.Model != "test/model" || got.FinishReason != "stop" {
		t.Errorf("got %+v, in parts %q", got, parts)
	}
	if len(parts) != 12 {
		t.Errorf("printed %d parts: %q", len(parts), parts)
	}
	if got.Usage == nil || *got.Usage != (Usage{6, 12, 18}) {
		t.Errorf("usage %+v", got.Usage)
	}
	// 12 tokens, 20 ms each, the first of which does not count for the rate.
	if s := got.Timings; s.FirstTokenSeconds < 0.02 || s.FirstTokenSeconds > 1 || s.TotalSeconds < 0.24 || s.TokensPerSecond > 50 || s.TokensPerSecond < 5 {
		t.Errorf("timings %+v", s)
	}
}

func TestTimings(t *testing.T) {
	t.Parallel()
	begin := time.Unix(0, 0)
	r := reader{begin: begin, first: begin.Add(1250 * time.Millisecond), last: begin.Add(3250 * time.Millisecond)}
	r.answer.Usage = &Usage{CompletionTokens: 70}
	if got := r.finish().Timings; got != (Timings{1.25, 3.25, 34.5}) {
		t.Errorf("got %+v", got)
	}
	for want, timings := range map[string]Timings{
		"first token after 120ms, 34.5 tokens/s": {FirstTokenSeconds: 0.12, TokensPerSecond: 34.5},
		"first token after 1.3s":                 {FirstTokenSeconds: 1.25},
	} {
		if got := timings.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// event returns a chunk of an answer as a server-sent event.
func event(delta, finish string) string {
	return fmt.Sprintf("data: {\"choices\": [{\"delta\": {%s}, \"finish_reason\": %s}]}\n\n", delta, finish)
}

// TestAnswers reads answers in the forms of other servers.
func TestAnswers(t *testing.T) {
	t.Parallel()
	const stream, whole = "text/event-stream; charset=utf-8", "application/json"
	hello := event(`"content": "Hel"`, "null") + event(`"content": "lo"`, "null")
	for name, tt := range map[string]struct {
		media, body string
		want, err   string
	}{
		"comments, CRLF":  {stream, ": ping\r\n\r\n" + strings.ReplaceAll(hello+event("", `"stop"`), "\n", "\r\n"), "Hello", ""},
		"without DONE":    {stream, hello + event("", `"length"`), "Hello", ""},
		"not streamed":    {whole, `{"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]}`, "Hello", ""},
		"reasoning first": {stream, event(`"reasoning_content": "Hm"`, "null") + event(`"content": "Yes"`, `"stop"`) + "data: [DONE]\n\n", "Yes", ""},
		"only reasoning":  {stream, event(`"reasoning": "Hm"`, `"length"`), "", `recipe-nim: the model returned no text (finish reason "length")`},
		"closed early":    {stream, hello, "Hello", "recipe-nim: the answer ended early: the connection was closed"},
		"error event":     {stream, hello + "data: {\"error\": {\"message\": \"engine died, key " + secretValue + "\"}}\n\n", "Hello", "recipe-nim: the server failed: engine died, key ***"},
		"not JSON":        {stream, "data: oops\n\n", "", "recipe-nim: the server sent invalid JSON"},
		"empty":           {whole, `{}`, "", "recipe-nim: the answer ended early: the connection was closed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, answer(200, tt.media, tt.body), withKey())
			var printed strings.Builder
			got, err := c.ask(t.Context(), Question{Text: "?", Model: "m"}, func(part string) error {
				printed.WriteString(part)
				return nil
			})
			if printed.String() != tt.want || got != nil && got.Answer != tt.want {
				t.Errorf("printed %q, got %+v", printed.String(), got)
			}
			if text := fmt.Sprint(err); text != tt.err && (err != nil || tt.err != "") {
				t.Errorf("got %s, want %s", text, tt.err)
			}
		})
	}
}

// TestErrors asks servers that do not answer. Nothing that they quote reveals a value.
func TestErrors(t *testing.T) {
	t.Parallel()
	models := func(list ...string) http.Handler { return &modelserver.Server{Models: list} }
	locked := &modelserver.Server{Models: []string{"m"}, APIKey: "other"}
	const logs = "check the logs: kubectl blueprint logs -n shop recipe-nim --tail=20"
	const forward = "forward a local port to use another API: kubectl port-forward -n shop pod/recipe-nim-abc :8000"
	for name, tt := range map[string]struct {
		handler   http.Handler
		key       *apiKey
		model     string
		err, hint string
	}{
		"other API":      {http.NotFoundHandler(), nil, "", "recipe-nim does not serve an OpenAI-compatible API (no /v1/models)", forward},
		"FastAPI":        {answer(404, "application/json", `{"detail":"Not Found"}`), nil, "", "recipe-nim does not serve an OpenAI-compatible API (no /v1/models)", forward},
		"web page":       {answer(200, "text/html", "<html>"), nil, "", "recipe-nim does not serve an OpenAI-compatible API (no /v1/models)", forward},
		"other JSON":     {answer(200, "application/json", `{"status": "ok"}`), nil, "", "recipe-nim does not serve an OpenAI-compatible API (no /v1/models)", forward},
		"no model":       {models(), nil, "", "recipe-nim serves no model", ""},
		"several models": {models("a", "b"), nil, "", "recipe-nim serves several models; choose one with --model: a, b", ""},
		"missing model":  {models("a", "b"), nil, "c", "recipe-nim: the server returned HTTP 404 for /v1/chat/completions (The model `c` does not exist.)", logs},
		"wrong key":      {locked, withKey(), "", `recipe-nim rejected the API key from Secret "api", key "KEY" (HTTP 401)`, "if the Secret has changed since the pod started, restart the pod: kubectl delete pod -n shop recipe-nim-abc"},
		"unread key":     {locked, &apiKey{unread: `cannot get Secret "api"`}, "", `recipe-nim requires an API key (HTTP 401), and cannot get Secret "api"`, ""},
		"no key":         {locked, &apiKey{}, "", "recipe-nim requires an API key (HTTP 401), but its container has none", "set the variable VLLM_API_KEY from a Secret, or pass '--api-key $(NAME)' with a variable from a Secret"},
		"quoted key":     {answer(500, "application/json", `{"error": "bad header Bearer `+secretValue+`"}`), withKey(), "m", "recipe-nim: the server returned HTTP 500 for /v1/chat/completions (bad header Bearer ***)", logs},
		"text":           {answer(503, "text/plain", "no healthy\n upstream"), nil, "m", "recipe-nim: the server returned HTTP 503 for /v1/chat/completions (no healthy upstream)", logs},
		"SGLang":         {answer(400, "application/json", `{"object": "error", "message": "too long"}`), nil, "m", "recipe-nim: the server returned HTTP 400 for /v1/chat/completions (too long)", logs},
		"long":           {answer(400, "text/plain", strings.Repeat("é", 1000)), nil, "m", "recipe-nim: the server returned HTTP 400 for /v1/chat/completions (" + strings.Repeat("é", 300) + "…)", logs},
		"empty":          {answer(502, "text/plain", ""), nil, "m", "recipe-nim: the server returned HTTP 502 for /v1/chat/completions", logs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.key == nil {
				tt.key = &apiKey{}
			}
			_, err := newClient(t, tt.handler, tt.key).ask(t.Context(), Question{Text: "?", Model: tt.model}, func(string) error { return nil })
			var hints []string
			for _, h := range hint.Of(err) {
				hints = append(hints, h.String())
			}
			if fmt.Sprint(err) != tt.err || strings.Join(hints, "\n") != tt.hint {
				t.Errorf("got  %v\nhint %q", err, hints)
			}
		})
	}
}

// TestAdapters chooses the model that is no LoRA adapter of another.
func TestAdapters(t *testing.T) {
	t.Parallel()
	list := answer(200, "application/json", `{"data": [{"id": "sql", "parent": "llama"}, {"id": "llama", "parent": null}]}`)
	if got, err := newClient(t, list, &apiKey{}).onlyModel(t.Context()); got != "llama" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestPrintFails stops at the first part that cannot be printed.
func TestPrintFails(t *testing.T) {
	t.Parallel()
	calls := 0
	c := newClient(t, &modelserver.Server{Models: []string{"m"}}, &apiKey{})
	_, err := c.ask(t.Context(), Question{Text: "a b c"}, func(string) error {
		calls++
		return io.ErrClosedPipe
	})
	if !errors.As(err, new(printError)) || !errors.Is(err, io.ErrClosedPipe) || calls != 1 {
		t.Errorf("got %v after %d calls", err, calls)
	}
}

func TestCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := newClient(t, &modelserver.Server{Models: []string{"m"}, Delay: time.Hour}, &apiKey{})
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := c.ask(ctx, Question{Text: "?"}, func(string) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
