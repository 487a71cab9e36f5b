package e2e

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestPreflight has the same failures found before anything is created, where
// they can be known then.
func TestPreflight(t *testing.T) {
	t.Parallel()
	for name, f := range failures(&registry{}) {
		if f.before == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLane(t)
			_, args := l.prepare(newRegistry(t), name)
			p := l.run(args...)
			if p.code != 1 {
				t.Errorf("exit code %d", p.code)
			}
			if _, ok := p.says(f.before); !ok {
				t.Errorf("does not say %q", f.before)
			}
			client, _ := kubetest.Dynamic(t)
			for _, resource := range captured {
				made, err := client.Resource(resource).Namespace(l.namespace).List(t.Context(), metav1.ListOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if len(made.Items) > 0 {
					t.Errorf("there are %d %s", len(made.Items), resource.Resource)
				}
			}
			if t.Failed() || testing.Verbose() {
				t.Logf("what was said:\n%s", p)
			}
		})
	}
}
