package serve

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// newClusterHandler returns a handler before the test cluster, and its log.
func newClusterHandler(t *testing.T, namespace string, change func(*rest.Config)) (http.Handler, *logBuffer) {
	t.Helper()
	config := rest.CopyConfig(kubetest.Config(t))
	change(config)
	client, err := corev1client.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	logs := new(logBuffer)
	return New(Options{Secrets: client, Namespace: namespace, Token: testToken, Log: log.New(logs, "", 0)}), logs
}

func TestServeClusterRefusals(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	const payload = `{"name": "a", "action": "create", "type": "opaque", "data": {"k": "v"}}`
	nobody, _ := newClusterHandler(t, namespace, func(c *rest.Config) { c.Impersonate.UserName = "nobody" })
	wantStatus(t, nobody, request("GET", "/secrets/", ""), http.StatusForbidden)
	wantStatus(t, nobody, request("GET", "/secrets/a/", ""), http.StatusForbidden)
	// A batch has a status for each operation, and 400 for any that failed.
	body := wantStatus(t, nobody, request("POST", "/secrets/", payload), http.StatusBadRequest)
	if result := body["results"].([]any)[0].(map[string]any); result["reason"] != "Forbidden" {
		t.Errorf("result is %v", result)
	}

	stranger, _ := newClusterHandler(t, namespace, func(c *rest.Config) {
		c.CertData, c.KeyData, c.CertFile, c.KeyFile = nil, nil, "", ""
		c.BearerToken = "not-a-token"
	})
	for _, r := range []*http.Request{
		request("GET", "/secrets/", ""), request("GET", "/secrets/a/", ""), request("POST", "/secrets/", payload),
	} {
		body := wantStatus(t, stranger, r, http.StatusBadGateway)
		if detail, _ := body["detail"].(string); !strings.Contains(detail, "the cluster rejected the credentials of the server's kubeconfig") {
			t.Errorf("detail is %q", detail)
		}
	}
}

// A client that leaves is a Ctrl-C: what is in flight gets its answer, what has
// not begun is not attempted.
func TestServeClientLeaves(t *testing.T) {
	t.Parallel()
	const total = 3 * secrets.DefaultInFlight
	namespace := kubetest.Namespace(t)
	inFlight, release := make(chan struct{}, total), make(chan struct{})
	h, logs := newClusterHandler(t, namespace, func(c *rest.Config) {
		c.Wrap(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				if r.Method == http.MethodPost && !strings.Contains(r.URL.RawQuery, "dryRun") {
					inFlight <- struct{}{}
					<-release
				}
				return next.RoundTrip(r)
			})
		})
	})
	left := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		context.AfterFunc(r.Context(), func() { close(left) })
		h.ServeHTTP(w, r)
	}))
	defer server.Close()

	var operations []string
	for i := range total {
		operations = append(operations, fmt.Sprintf(`{"name": "s%d", "action": "create", "type": "opaque", "data": {"k": "v"}}`, i))
	}
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- post(ctx, server.URL+"/secrets", "["+strings.Join(operations, ",")+"]") }()
	for range secrets.DefaultInFlight {
		<-inFlight
	}
	leave()
	if err := <-done; err == nil {
		t.Error("the client got an answer")
	}
	<-left
	close(release)

	want := fmt.Sprintf("namespace=%s operations=%d canceled", namespace, total)
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(logs.String(), want); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log lacks %q:\n%s", want, logs)
		}
	}
	written, err := kubetest.Client(t).CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(written.Items); got != secrets.DefaultInFlight {
		t.Errorf("%d Secrets were written, want the %d in flight", got, secrets.DefaultInFlight)
	}
}

// post sends a payload and waits for the answer.
func post(ctx context.Context, url, payload string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(payload))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Token "+testToken)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
