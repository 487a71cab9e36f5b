package conformance_test

import (
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestServerTakesEveryObject creates each object of each sample in a dry run,
// with the server's strict validation, and wants no warning either. It is over
// before other tests create the same objects.
func TestServerTakesEveryObject(t *testing.T) {
	kubetest.CustomResources(t)
	namespace := kubetest.Namespace(t)
	for _, s := range samples(t) {
		t.Run(s.folder+"/"+s.name, func(t *testing.T) {
			t.Parallel()
			if s.refused != nil {
				t.Skip("refused, see docs/coverage.md")
			}
			warnings := &collector{}
			config := kubetest.Config(t)
			config.WarningHandler = warnings
			client, err := dynamic.NewForConfig(config)
			if err != nil {
				t.Fatal(err)
			}
			c := kubetest.Objects(t, client, namespace)
			for _, o := range s.objects {
				if err := c.Create(t.Context(), o.DeepCopy(), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: metav1.FieldValidationStrict}); err != nil {
					t.Errorf("%s: %v", title(o), err)
				}
			}
			for _, w := range warnings.all() {
				t.Errorf("the server warns: %s", w)
			}
		})
	}
}

func title(o *unstructured.Unstructured) string { return o.GetKind() + "/" + o.GetName() }

// collector keeps the warnings that the server sends.
type collector struct {
	mu   sync.Mutex
	seen []string
}

// HandleWarningHeader is client-go's.
func (c *collector) HandleWarningHeader(_ int, _ string, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, text)
}

func (c *collector) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}
