package ownership_test

import (
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

func TestOfSecret(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/owned.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Words   []string
		Manager string
		Secret  corev1.Secret
	}
	if err := yaml.UnmarshalStrict(data, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 40 {
		t.Fatalf("read %d cases, want at least 40", len(cases))
	}
	for _, c := range cases {
		if c.Manager != "" {
			c.Secret.ManagedFields = []metav1.ManagedFieldsEntry{{Manager: c.Manager}}
		}
		got := ownership.OfSecret(&c.Secret)
		if len(c.Words) == 0 && got != "" {
			t.Errorf("%s: got %q, want nothing", c.Secret.Name, got)
		}
		for _, word := range c.Words {
			if !strings.Contains(got, word) {
				t.Errorf("%s: %q does not say %q", c.Secret.Name, got, word)
			}
		}
	}
}
