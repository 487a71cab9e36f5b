package release_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// named is a chart of one ConfigMap of the given name, and of one that the
// server refuses if bad is set.
func named() *chart.Chart {
	return &chart.Chart{
		Metadata: &chart.Metadata{APIVersion: "v2", Name: "blueprint", Version: "0.1.0"},
		Templates: []*chart.File{
			{Name: "templates/a.yaml", Data: []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Values.name }}}\ndata: {text: {{ .Values.text | quote }}}\n")},
			{Name: "templates/b.yaml", Data: []byte("{{ if .Values.bad }}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: z}\ndata: {\"no key\": a}\n{{ end }}")},
		},
	}
}

// noise is text that can't be compressed below its entropy.
func noise(t *testing.T, size int) string {
	t.Helper()
	data := make([]byte, size*3/4)
	if _, err := rand.Read(data); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

// TestRecordThatIsTooLargeIsNotBegun has the check at the first write, too: of
// an install, an upgrade, and where values alone are too large.
func TestRecordThatIsTooLargeIsNotBegun(t *testing.T) {
	for _, driver := range []string{"secret", "configmap"} {
		t.Run(driver, func(t *testing.T) {
			t.Setenv("HELM_DRIVER", driver)
			c := client(t, kubetest.Namespace(t))
			large := map[string]any{"name": "a", "text": noise(t, 600000)}
			refused := func() {
				t.Helper()
				_, err := c.Deploy(t.Context(), named(), "r", large, nil)
				if !errors.Is(err, release.ErrTooLarge) || !strings.Contains(err.Error(), "largest objects: configmap/a (587 KiB)") {
					t.Errorf("got %v, want ErrTooLarge", err)
				}
			}
			refused()
			if _, err := c.Get("r"); !errors.Is(err, release.ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			if _, err := c.Deploy(t.Context(), named(), "r", map[string]any{"name": "a", "text": "b"}, nil); err != nil {
				t.Fatal(err)
			}
			refused()
			if got := told(t, c); len(got) != 1 || got[0] != "deployed: Install complete" {
				t.Errorf("got %q", got)
			}
		})
	}
}

// TestLargeRevisionsAreRemoved removes a release whose revisions fit into a
// record each, and whose objects do not fit into one together.
func TestLargeRevisionsAreRemoved(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := client(t, namespace)
	for _, name := range []string{"a", "b", "c"} {
		_, err := c.Deploy(t.Context(), named(), "r", map[string]any{"name": name, "text": noise(t, 440000), "bad": name != "a"}, nil)
		if failed := err != nil; failed != (name != "a") {
			t.Fatalf("%s: got %v", name, err)
		}
	}
	removed, err := c.Uninstall(t.Context(), "r", release.UninstallOptions{})
	if err != nil || len(removed.Deleted) != 2 {
		t.Errorf("got %v, %v, want 2 ConfigMaps removed", removed, err)
	}
	maps, err := kubetest.Client(t).CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: ownership.HelmSelector})
	if err != nil || len(maps.Items) != 0 {
		t.Errorf("got %v, %v, want none left", maps.Items, err)
	}
	if _, err := c.Get("r"); !errors.Is(err, release.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}
