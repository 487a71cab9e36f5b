package registry

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/credentialprovider"
	keyring "k8s.io/kubernetes/pkg/credentialprovider/secrets"
	"k8s.io/kubernetes/pkg/util/parsers"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// images are spelled in all the ways that say where to pull from.
var images = []string{
	hubImage, "org/app:2", "docker.io/org/app", "docker.io/nginx", "index.docker.io/org/app", "library/nginx",
	nimImage, "nvcr.io/nim", "nvcr.io/nimble/app", "nvcr.io:443/nim/app", "NVCR.IO/nim/app", ocirImage, "ocir.io/app", "a.b.ocir.io/app",
	"localhost/app", "localhost:5000/app", "registry:5000/app", "registry/app", "10.0.0.1:5000/app", "[::1]:5000/app", "example.com/nvcr.io/app",
}

// moreServers are those of which the spellings have none.
var moreServers = []string{
	"", "/", "*", "*.io", "*.*", "?vcr.io", "[a-z]vcr.io", "[", "nv[cr.io", "docker.io/", "docker.io/library", "docker.io/library/nginx", "index.docker.io/v1/",
	"https://index.docker.io/v1/library", "https://index.docker.io/", "registry", "nvcr.io/v1", "nvcr.io/v2", "nvcr.io/v1/nim", "nvcr.io/v2/nim/meta",
	"nvcr.io/nim/meta/llama", "nvcr.io/n", "nvcr.io?x=y", "nvcr.io#x", "https://user:pass@nvcr.io", "nvcr.io:", "nvcr.io:*", "*:5000", "[::1]", "[*]:5000",
	"ftp://nvcr.io", "nvcr.io/%zz", "nvcr.io/%6eim", "nvcr.io//nim", "localhost:*", "10.0.0.*:5000", "nvcr.io nim", "nvcr.io,quay.io",
}

// TestMatchingAsTheKubelet compares every server with every image: whether the
// kubelet pulls with the credentials is what Matching says.
func TestMatchingAsTheKubelet(t *testing.T) {
	t.Parallel()
	servers := moreServers
	for _, s := range spellings {
		servers = append(servers, s.server)
	}
	found := 0
	for _, server := range servers {
		ring, err := keyring.MakeDockerKeyring([]corev1.Secret{asGiven(server)}, credentialprovider.UnionDockerKeyring{})
		if err != nil {
			t.Fatal(err)
		}
		for _, image := range images {
			repository, _, _, err := parsers.ParseImageName(image)
			if err != nil {
				continue
			}
			_, want := ring.Lookup(repository)
			got := registry.Matching([]registry.Credential{registry.NewCredential(server, username, password)}, image)
			if len(got) == 1 != want {
				t.Errorf("%q for %s: %d match, for the kubelet: %t", server, image, len(got), want)
			}
			found += len(got)
		}
	}
	if found < len(spellings) {
		t.Errorf("%d matches for %d spellings", found, len(spellings))
	}
}

// TestMatchingInTheKubeletsOrder has several servers match one image.
func TestMatchingInTheKubeletsOrder(t *testing.T) {
	t.Parallel()
	for image, servers := range map[string][]string{
		nimImage:  {"nvcr.io", "https://nvcr.io/v2/", "nvcr.io/nim", "nvcr.io/nim/meta", "*.io", "http://nvcr.io", "quay.io"},
		hubImage:  {"docker.io", "index.docker.io", "https://index.docker.io/v1/", "*.io", "docker.io/library"},
		"org/app": {"index.docker.io", "https://index.docker.io/v1/", "http://index.docker.io", "nvcr.io"},
	} {
		var all []registry.Credential
		var ring []corev1.Secret
		for i, server := range servers { // a Secret each: within one, the kubelet has no order
			user := fmt.Sprint("u", i)
			all = append(all, registry.NewCredential(server, user, password))
			config, _ := json.Marshal(map[string]any{"auths": map[string]any{server: map[string]string{"username": user, "password": password}}})
			ring = append(ring, corev1.Secret{Type: corev1.SecretTypeDockerConfigJson, Data: map[string][]byte{corev1.DockerConfigJsonKey: config}})
		}
		kubelets, err := keyring.MakeDockerKeyring(ring, credentialprovider.UnionDockerKeyring{})
		if err != nil {
			t.Fatal(err)
		}
		repository, _, _, err := parsers.ParseImageName(image)
		if err != nil {
			t.Fatal(err)
		}
		tracked, _ := kubelets.Lookup(repository)
		var want, got []string
		for _, c := range tracked {
			var i int
			_, _ = fmt.Sscanf(c.Username, "u%d", &i)
			want = append(want, servers[i])
		}
		for _, c := range registry.Matching(all, image) {
			got = append(got, c.Server)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-kubelet +got):\n%s", image, diff)
		}
	}
}
