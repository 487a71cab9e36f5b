package release_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestPastStartsFromWhatWasDeployed has a revision that failed: Helm does not
// upgrade that one, but the one before.
func TestPastStartsFromWhatWasDeployed(t *testing.T) {
	t.Parallel()
	c := client(t, kubetest.Namespace(t))
	good, bad := configMapChart("blueprint"), configMapChart("blueprint")
	bad.Templates[0].Data = []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Refused}\n")
	if _, err := c.Deploy(t.Context(), good, "r", map[string]any{"text": "one"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Deploy(t.Context(), bad, "r", map[string]any{"text": "two"}); err == nil {
		t.Fatal("the server takes a bad name")
	}
	previous, others, err := c.Past("r")
	if err != nil {
		t.Fatal(err)
	}
	describe := func(objects []*unstructured.Unstructured) (text string) {
		for _, o := range objects {
			value, _, _ := unstructured.NestedString(o.Object, "data", "text")
			text += o.GetName() + "=" + value + " "
		}
		return text
	}
	if got := describe(previous); got != "a=one b= " {
		t.Errorf("previous are %s", got)
	}
	if got := describe(others); got != "Refused= a=two " && got != "a=two Refused= " {
		t.Errorf("others are %s", got)
	}
}
