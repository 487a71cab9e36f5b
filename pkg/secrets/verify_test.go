package secrets

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	server "github.com/kubectl-blueprint/kubectl-blueprint/test/modelhub"
)

// newRegistry starts a registry that accepts one password and quotes all others.
func newRegistry(t *testing.T, password string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			w.Header().Set("WWW-Authenticate", `Basic realm="r"`)
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = fmt.Fprintf(w, `{"errors":[{"code":"UNAUTHORIZED","message":"%s is wrong"}]}`, given)
		}
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// shown returns verdicts as text.
func shown(results []LoginResult) []string {
	var all []string
	for _, v := range results {
		all = append(all, fmt.Sprintf("%s %s %s %t", v.Secret, v.Server, v.Result, v.OK()))
	}
	return all
}

// TestVerify logs in with the credentials of a payload.
func TestVerify(t *testing.T) {
	t.Parallel()
	right, wrong := newRegistry(t, canary), newRegistry(t, "another")
	logins := Logins(parse(t, list(
		registries(ActionCreate, "both", right+" robot "+canary, wrong+" robot "+canary),
		opaque(ActionCreate, "opaque", "key", canary),
		pullSecret(ActionUpdate, "one", right, "robot", canary),
		remove("gone"),
	)))
	results := Verify(t.Context(), logins)
	want := []string{"both " + right + " ok true", "both " + wrong + " bad-credentials false", "one " + right + " ok true"}
	slices.Sort(want[:2]) // by server, whose port is random
	if diff := cmp.Diff(want, shown(results)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text := fmt.Sprintf("%+v %+v", logins, results); strings.Contains(text, canary) {
		t.Errorf("the password is in %s", text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := Verify(ctx, logins[:1]); got[0].Result != "interrupted" || got[0].OK() {
		t.Errorf("got %+v", got)
	}
}

// TestLoginsOf takes credentials from pull secrets of the cluster. One without any
// is a login that fails; what is no pull secret is an error.
func TestLoginsOf(t *testing.T) {
	t.Parallel()
	server := newRegistry(t, canary)
	client, namespace := kubetest.Client(t).CoreV1(), kubetest.Namespace(t)
	for name, config := range map[string]string{
		"pull":  fmt.Sprintf(`{"auths": {%q: {"username": "robot", "password": %q}}}`, server, canary),
		"empty": `{"auths": {}}`,
		"typo":  "",
	} {
		s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Type: corev1.SecretTypeDockerConfigJson, StringData: map[string]string{corev1.DockerConfigJsonKey: config}}
		if config == "" {
			s.Type, s.StringData = corev1.SecretTypeOpaque, nil
		}
		if _, err := client.Secrets(namespace).Create(t.Context(), s, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	logins, err := LoginsOf(t.Context(), client, namespace, []string{"empty", "pull"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"empty  no-credentials false", "pull " + server + " ok true"}
	if diff := cmp.Diff(want, shown(Verify(t.Context(), logins))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, want := range map[string]string{"typo": `Secret "typo" must be of type container_registry or contain a model token`, "missing": "not found"} {
		if _, err := LoginsOf(t.Context(), client, namespace, []string{"pull", name}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestVerifyTokens has tokens of a payload and of the cluster, by their text and by their
// key.
func TestVerifyTokens(t *testing.T) {
	t.Parallel()
	hub := server.New(t, canary)
	services := func() *modelhub.Client {
		return modelhub.New(modelhub.Options{Transport: hub.Transport(), Endpoint: "https://huggingface.co"})
	}
	const wrong = "nvapi-wrong" + canary
	want := []string{
		"s huggingface.co HF_TOKEN invalid-token false",
		"s nvcr.io NGC_API_KEY ok true",
		"s nvcr.io a invalid-token false",
		"s huggingface.co b ok true",
	}
	check := func(results []LoginResult) {
		t.Helper()
		var all []string
		for _, v := range results {
			all = append(all, fmt.Sprintf("%s %s %s %s %t", v.Secret, v.Server, v.Key, v.Result, v.OK()))
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if text := fmt.Sprintf("%+v", results); strings.Contains(text, canary) || !strings.Contains(text, "; create a token at https://huggingface.co/settings/tokens") {
			t.Errorf("got %s", text)
		}
	}
	logins := Logins(parse(t, list(opaque(ActionCreate, "s", "HF_TOKEN", "old-"+canary, "NGC_API_KEY", hub.Key, "a", wrong, "b", hub.Visitor+"\n", "c", canary), remove("gone"))))
	check(verify(t.Context(), logins, services()))

	client, namespace := kubetest.Client(t).CoreV1(), kubetest.Namespace(t)
	live := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s"}, StringData: map[string]string{
		"HF_TOKEN": "old-" + canary, "NGC_API_KEY": hub.Key, "a": wrong, "b": hub.Visitor, "c": canary, "HUGGING_FACE_HUB_TOKEN": "",
	}}
	if _, err := client.Secrets(namespace).Create(t.Context(), live, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	logins, err := LoginsOf(t.Context(), client, namespace, []string{"s"})
	if err != nil {
		t.Fatal(err)
	}
	check(verify(t.Context(), logins, services()))
	if text := fmt.Sprintf("%+v", logins); strings.Contains(text, canary) {
		t.Errorf("a token is in %s", text)
	}
}
