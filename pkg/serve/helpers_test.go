package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

const testToken = "0123456789abcdef0123456789abcdef"

// nowhere is a client of a cluster that can't be reached: guards have to answer
// without it.
func nowhere(t testing.TB) secrets.Client {
	t.Helper()
	client, err := corev1client.NewForConfig(&rest.Config{Host: "https://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// newHandler returns a handler without a cluster, and its log.
func newHandler(t testing.TB) (http.Handler, *logBuffer) {
	t.Helper()
	logs := new(logBuffer)
	return New(Options{Secrets: nowhere(t), Namespace: "default", Token: testToken, Log: log.New(logs, "", 0)}), logs
}

// request is one as a good client sends it.
func request(method, target, body string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "127.0.0.1:8640"
	r.Header.Set("Authorization", "Token "+testToken)
	return r
}

// answer is what a handler says to r: every answer of the API has the same
// headers and is JSON.
func answer(t testing.TB, h http.Handler, r *http.Request) (*http.Response, map[string]any) {
	t.Helper()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	response := recorder.Result()
	for name, want := range map[string]string{
		"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s %s: %s is %q, want %q", r.Method, r.URL, name, got, want)
		}
	}
	for name := range response.Header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("%s %s: has %s", r.Method, r.URL, name)
		}
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(text, &body); err != nil {
		t.Errorf("%s %s: %v in %s", r.Method, r.URL, err, text)
	}
	return response, body
}

// wantStatus fails t where a handler answers r otherwise.
func wantStatus(t testing.TB, h http.Handler, r *http.Request, want int) map[string]any {
	t.Helper()
	response, body := answer(t, h, r)
	if response.StatusCode != want {
		t.Errorf("%s %s: %d %v, want %d", r.Method, r.URL, response.StatusCode, body, want)
	}
	return body
}

// logBuffer is a log that a test reads while requests are being served.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
