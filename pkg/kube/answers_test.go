package kube_test

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
)

const secretList = `{"kind": "SecretList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": []}`

// answer is what a test's server answers to every request.
type answer struct {
	status                int
	body, media, location string
	warnings              []string
	tls                   bool
}

// newServer starts a server, and returns its address and what it was asked.
func newServer(t *testing.T, a answer) (address string, requests func() []*http.Request) {
	t.Helper()
	var mu sync.Mutex
	var all []*http.Request
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		all = append(all, r)
		mu.Unlock()
		w.Header().Set("Content-Type", cmp.Or(a.media, "application/json"))
		for _, text := range a.warnings {
			w.Header().Add("Warning", text)
		}
		if a.location != "" {
			w.Header().Set("Location", a.location)
		}
		w.WriteHeader(cmp.Or(a.status, http.StatusOK))
		_, _ = io.WriteString(w, a.body)
	}))
	t.Cleanup(server.Close)
	if a.tls {
		server.StartTLS()
	} else {
		server.Start()
	}
	return server.URL, func() []*http.Request {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(all)
	}
}

func connect(t *testing.T, flags *genericclioptions.ConfigFlags) *kube.Cluster {
	t.Helper()
	c, err := kube.Connect(flags)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestForeignAnswers lists Secrets through a proxy that answers itself.
func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		answer
		accepted bool
	}{
		{answer{body: secretList}, true},
		{answer{body: strings.Replace(secretList, "[]", `[{"data": {"k": "`+strings.Repeat("QUFB", 5000)+`"}}]`, 1)}, true},
		{answer{body: "{}"}, false},
		{answer{body: "null"}, false},
		{answer{body: ""}, false},
		{answer{body: "<html>" + strings.Repeat("log in ", 1000), media: "text/html"}, false},
		{answer{body: `{"kind": "Status", "apiVersion": "v1", "status": "Success"}`}, false},
		{answer{body: `{"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": []}`}, false},
		{answer{body: strings.Replace(secretList, `"resourceVersion": "1"`, "", 1)}, false},
	} {
		for _, root := range []string{"", "/k8s/clusters/c-1"} {
			server, _ := newServer(t, tt.answer)
			flags, _ := flagsFor(t.Context(), t, "", server+root)
			_, err := connect(t, flags).Core.Secrets("shop").List(t.Context(), metav1.ListOptions{})
			if (err == nil) != tt.accepted || err != nil && !errors.Is(err, kube.ErrUnexpectedAnswer) {
				t.Errorf("%.80q below %q: got %v", tt.body, root, err)
			}
		}
	}
}

// TestLogsAreNotObjects reads a log, which may be any text.
func TestLogsAreNotObjects(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, answer{body: "listening", media: "text/plain"})
	flags, _ := flagsFor(t.Context(), t, "", server)
	log, err := connect(t, flags).Core.RESTClient().Get().AbsPath("/api/v1/namespaces/shop/pods/web/log").DoRaw(t.Context())
	if err != nil || string(log) != "listening" {
		t.Errorf("got %q, %v", log, err)
	}
}

// TestRedirects follows none, and names their target without its credentials.
func TestRedirects(t *testing.T) {
	t.Parallel()
	other, requests := newServer(t, answer{body: secretList})
	for location, want := range map[string]string{
		strings.Replace(other, "http://", "http://s3cr3t@", 1) + "/x?sig=s3cr3t": "a redirect to " + other,
		"://s3cr3t": "a redirect",
	} {
		for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
			server, _ := newServer(t, answer{status: status, location: location})
			flags, _ := flagsFor(t.Context(), t, "", server)
			_, err := connect(t, flags).Core.Secrets("shop").List(t.Context(), metav1.ListOptions{})
			if !errors.Is(err, kube.ErrUnexpectedAnswer) || !strings.HasSuffix(err.Error(), want) || strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("%d to %s: got %v", status, location, err)
			}
			if hints := hint.Of(err); len(hints) != 1 || !strings.Contains(hints[0].Text, "login page") {
				t.Errorf("%d to %s: got the hints %v", status, location, hints)
			}
		}
	}
	if got := requests(); len(got) > 0 {
		t.Errorf("%d requests were sent on", len(got))
	}
}

// TestWarnings reports each warning of the server once, and none about Secrets.
func TestWarnings(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, answer{body: `{"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": []}`, warnings: []string{`299 - "deprecated"`, `299 - "unknown field"`, `199 - "cache"`}})
	flags, warnings := flagsFor(t.Context(), t, "", server)
	for range 2 {
		if _, err := connect(t, flags).Core.Pods("shop").List(t.Context(), metav1.ListOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"deprecated", "unknown field"}; !slices.Equal(*warnings, want) {
		t.Errorf("got %q, want %q", *warnings, want)
	}
	server, _ = newServer(t, answer{body: `{"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "a"}}`, warnings: []string{`299 - "value is s3cr3t"`}})
	flags, warnings = flagsFor(t.Context(), t, "", server)
	if _, err := connect(t, flags).Core.Secrets("shop").Get(t.Context(), "a", metav1.GetOptions{}); err != nil {
		t.Fatal(err)
	}
	if len(*warnings) > 0 {
		t.Errorf("about a Secret: got %q", *warnings)
	}
}

// TestSecretsClient asks for protobuf, and ignores warnings.
func TestSecretsClient(t *testing.T) {
	t.Parallel()
	server, requests := newServer(t, answer{body: secretList, warnings: []string{`299 - "value is s3cr3t"`}})
	flags, warnings := flagsFor(t.Context(), t, "", server)
	client, err := kube.SecretsClient(flags)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Secrets("").List(t.Context(), metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := requests()[0].Header.Get("Accept"); !strings.HasPrefix(got, "application/vnd.kubernetes.protobuf") || len(*warnings) > 0 {
		t.Errorf("accepts %q, warned %q", got, *warnings)
	}
}
