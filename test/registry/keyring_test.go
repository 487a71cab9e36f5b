package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/credentialprovider"
	keyring "k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// matches asks the kubelet's keyring, made of one pull secret, for the
// credentials of an image.
func matches(t *testing.T, secret corev1.Secret, image string) bool {
	t.Helper()
	ring, err := keyring.MakeDockerKeyring([]corev1.Secret{secret}, credentialprovider.UnionDockerKeyring{})
	if err != nil {
		t.Fatal(err)
	}
	repository, _, _, err := parsers.ParseImageName(image) // as the kubelet does before it looks
	if err != nil {
		t.Fatal(err)
	}
	found, ok := ring.Lookup(repository)
	if ok && (len(found) != 1 || found[0].Username != username || found[0].Password != password) {
		t.Errorf("%s: the kubelet reads other credentials from the Secret", image)
	}
	return ok
}

// asGiven is a pull secret for a server as it is spelled.
func asGiven(server string) corev1.Secret {
	config, _ := json.Marshal(map[string]any{"auths": map[string]any{server: map[string]string{"username": username, "password": password}}})
	return corev1.Secret{Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{corev1.DockerConfigJsonKey: config}}
}

// payload creates a pull secret for every server, r0 for the first.
func payload(t *testing.T, servers ...string) *source.Document {
	t.Helper()
	var ops []any
	for i, server := range servers {
		ops = append(ops, map[string]any{
			"name": fmt.Sprint("r", i), "action": "create", "type": "container_registry",
			"data": map[string]string{"registry_server": server, "username": username, "password": password},
		})
	}
	text, err := json.Marshal(ops)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := source.Parse("payload", text)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// applied returns the live Secrets that a payload makes, in the order of the
// servers.
func applied(t *testing.T, servers ...string) []corev1.Secret {
	t.Helper()
	client, namespace := kubetest.Client(t).CoreV1(), kubetest.Namespace(t)
	ops, err := secrets.Parse(payload(t, servers...))
	if err != nil {
		t.Fatal(err)
	}
	results, err := secrets.NewBatch(client, namespace, ops).Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, result := range results {
		if result.Status != secrets.StatusSuccess {
			t.Fatalf("%q: %s", servers[i], result.Message)
		}
	}
	live := make([]corev1.Secret, len(servers))
	for i := range servers {
		secret, err := client.Secrets(namespace).Get(context.Background(), fmt.Sprint("r", i), metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		live[i] = *secret
	}
	return live
}

func TestTheKubeletFindsWhatIsMeant(t *testing.T) {
	t.Parallel()
	var servers []string
	for _, s := range spellings {
		servers = append(servers, s.server)
	}
	live := applied(t, servers...)
	for i, s := range spellings {
		if !matches(t, live[i], s.image) {
			t.Errorf("%q is written so that the kubelet does not find it for %s", s.server, s.image)
		}
		for _, other := range []string{hubImage, nimImage, ocirImage, "nvcr.io.example.com/nim/app", "example.com/nvcr.io/app"} {
			if host(t, other) != host(t, s.image) && matches(t, live[i], other) {
				t.Errorf("%q is written so that the kubelet finds it for %s", s.server, other)
			}
		}
	}
}

// host is where an image is pulled from.
func host(t *testing.T, image string) string {
	t.Helper()
	repository, _, _, err := parsers.ParseImageName(image)
	if err != nil {
		t.Fatal(err)
	}
	server, _, _ := strings.Cut(repository, "/")
	return server
}

// TestTheKubeletAsItIs pins what the spellings are normalized for: an update of
// Kubernetes that changes it is seen here.
func TestTheKubeletAsItIs(t *testing.T) {
	t.Parallel()
	for _, s := range spellings {
		if got := matches(t, asGiven(s.server), s.image); got != s.asGiven {
			t.Errorf("%q as it is: the kubelet finds it for %s: %t, want %t", s.server, s.image, got, s.asGiven)
		}
	}
	for server, image := range map[string]string{
		"nvcr.io:443": nimImage, // no port is not the default port
		"nvcr.io":     "nvcr.io:443/nim/app",
		"*.ocir.io":   "ocir.io/app",
		"ocir.io":     ocirImage,
	} {
		if matches(t, asGiven(server), image) {
			t.Errorf("the kubelet finds %q for %s", server, image)
		}
	}
}

// TestEverySpellingIsFound goes through all combinations of what people put
// around a host.
func TestEverySpellingIsFound(t *testing.T) {
	t.Parallel()
	var servers, images []string
	for _, scheme := range []string{"", "https://", "http://", "oci://", "HTTPS://"} {
		for _, end := range []string{"", "/", "/v1", "/v1/", "/v2", "/v2/", "\n", " "} {
			for host, image := range map[string]string{
				"docker.io": hubImage, "index.docker.io": hubImage, "Registry-1.docker.io": hubImage, "HUB.docker.com": hubImage,
				"nvcr.io": nimImage, "NVCR.io": nimImage, "*.ocir.io": ocirImage, "registry:5000": "registry:5000/app",
			} {
				servers, images = append(servers, scheme+host+end), append(images, image)
			}
		}
	}
	for i, secret := range applied(t, servers...) {
		if !matches(t, secret, images[i]) {
			t.Errorf("%q is written so that the kubelet does not find it for %s", servers[i], images[i])
		}
	}
}

// TestWhatIsRefused goes through what Parse refuses: the kubelet finds it for no
// image, or it has more in it than a server.
func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []struct {
		server, image string
		asGiven       bool
	}{
		{"nvcr", "nvcr/nim/app", false}, // which is an image of Docker Hub
		{"nvcr.io nim", nimImage, false},
		{"ftp://nvcr.io", nimImage, false},
		{"nvcr.io,quay.io", nimImage, false},
		{"nvcr.io:abc", nimImage, false},
		{"nvcr.io/[x]", nimImage, false},
		{"https://", nimImage, false},
		{"/v1/", hubImage, false},
		{"https//nvcr.io", nimImage, false},
		{"nvcr.io?x=y", nimImage, true},
		{"https://user:pass@nvcr.io", nimImage, true},
	} {
		if _, err := secrets.Parse(payload(t, s.server)); err == nil || !strings.Contains(err.Error(), "registry_server") {
			t.Errorf("%q is not refused: %v", s.server, err)
		}
		if got := matches(t, asGiven(s.server), s.image); got != s.asGiven {
			t.Errorf("%q as it is: the kubelet finds it for %s: %t, want %t", s.server, s.image, got, s.asGiven)
		}
	}
}
