package cmd_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd"
)

// TestForeignAnswers has a proxy answer in the place of the API server. No command
// takes that for success, or for a cluster in which there is nothing.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	kubeconfig, payload := filepath.Join(t.TempDir(), "kubeconfig"), filepath.Join(t.TempDir(), "payload.json")
	if err := os.WriteFile(kubeconfig, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(payload, []byte(`[{"name": "a", "action": "create", "type": "opaque", "data": {"k": "v"}}, {"name": "b", "action": "delete"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	const isJSON = "application/json"
	for _, answer := range []struct{ contentType, body string }{
		{isJSON, "{}"}, {isJSON, "null"}, {isJSON, "[]"}, {isJSON, `"ok"`}, {isJSON, ""}, {"text/html", "<html>log in</html>"}, {"text/html", "<html>" + strings.Repeat("log in ", 1000)},
		{isJSON, `{"kind":"Status","apiVersion":"v1","status":"Success"}`},
		{isJSON, `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}`},
		{isJSON, `{"kind":"SecretList","apiVersion":"v1","items":[]}`},
	} {
		for _, root := range []string{"", "/k8s/clusters/c-1/"} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", answer.contentType)
				_, _ = io.WriteString(w, answer.body)
			}))
			for _, args := range [][]string{
				{"list"}, {"list", "-A"}, {"list", "-o", "name"}, {"list", "-n", "log"}, {"secrets", "list"}, {"secrets", "list", "-o", "json"}, {"secrets", "get", "a"}, {"status", "a"}, {"history", "a"}, {"undeploy", "a", "--yes"},
				{"secrets", "apply", "-f", payload}, {"secrets", "apply", "-f", payload, "--force"}, {"secrets", "apply", "-f", payload, "--all-or-nothing"},
			} {
				var out, errOut bytes.Buffer
				code := cmd.Run(t.Context(), append(args, "--kubeconfig", kubeconfig, "--server", server.URL+root), genericiooptions.IOStreams{In: new(bytes.Buffer), Out: &out, ErrOut: &errOut})
				if code != 1 || strings.Contains(out.String(), "success") || !strings.HasPrefix(errOut.String(), "error: ") && !strings.Contains(errOut.String(), "\nerror: ") {
					t.Errorf("%q at %q, %v: exit code %d\n%s%s", answer.body, root, args, code, &out, &errOut)
				}
			}
			server.Close()
		}
	}
}

// TestRedirectsAreNotFollowed has a proxy redirect every request. Nothing is sent
// to where that leads, and no message has the credentials of the URL.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	followed := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s was sent on", r.Method, r.URL.Path)
	}))
	t.Cleanup(followed.Close)
	kubeconfig, payload := filepath.Join(t.TempDir(), "kubeconfig"), filepath.Join(t.TempDir(), "payload.json")
	if err := os.WriteFile(kubeconfig, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(payload, []byte(`{"name": "a", "action": "create", "type": "opaque", "data": {"k": "v"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for _, target := range []string{strings.Replace(followed.URL, "http://", "http://s3cr3t-user:s3cr3t-password@", 1) + "/x?sig=s3cr3t-token", "://s3cr3t-token", "/login?sig=s3cr3t-token"} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", target)
				w.WriteHeader(status)
			}))
			address := strings.Replace(server.URL, "http://", "http://s3cr3t-user:s3cr3t-password@", 1)
			for _, args := range [][]string{{"list"}, {"secrets", "list"}, {"undeploy", "a", "--yes"}, {"status", "a"}, {"secrets", "apply", "-f", payload}, {"deploy", "../../testdata/recipes/minimal-job.json"}} {
				var out, errOut bytes.Buffer
				code := cmd.Run(t.Context(), append(args, "--kubeconfig", kubeconfig, "--token", "token", "--server", address), genericiooptions.IOStreams{In: new(bytes.Buffer), Out: &out, ErrOut: &errOut})
				if text := out.String() + errOut.String(); code != 1 || strings.Contains(text, "s3cr3t") || !strings.Contains(text, "unexpected response from the server: a redirect") {
					t.Errorf("%d to %s, %v: exit code %d\n%s", status, target, args, code, text)
				}
			}
			server.Close()
		}
	}
}
