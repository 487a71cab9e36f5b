package rollout

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestNewPodsAreNotOld: a watch may tell of a pod before it tells what the
// controller has written into the Deployment, or even of the ReplicaSet.
func TestNewPodsAreNotOld(t *testing.T) {
	t.Parallel()
	unobserved := func(o *unstructured.Unstructured) { o.SetGeneration(o.GetGeneration() + 1) }
	for name, c := range map[string]struct {
		change func(deployment *unstructured.Unstructured)
		hidden schema.GroupKind
		old    bool
	}{
		"as it is":                      {change: func(*unstructured.Unstructured) {}},
		"before it has a revision":      {change: func(o *unstructured.Unstructured) { o.SetAnnotations(nil) }},
		"before it is observed":         {change: unobserved},
		"before the ReplicaSet is seen": {change: unobserved, hidden: replicaSet},
		"changed, before it is observed": {old: true, change: func(o *unstructured.Unstructured) {
			unobserved(o)
			_ = unstructured.SetNestedField(o.Object, "another", "spec", "template", "spec", "schedulerName")
		}},
	} {
		l := slices.DeleteFunc(readFixture(t, "node/missing-secret"), func(o *unstructured.Unstructured) bool {
			return o.GroupVersionKind().GroupKind() == c.hidden
		})
		var pod corev1.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(l.forRelease(podKind)[0].Object, &pod); err != nil {
			t.Fatal(err)
		}
		web := l.forRelease(deployment)[0]
		c.change(web)
		newest := (&workloadView{live: &objectView{Unstructured: web}}).addOwners(l)
		if old := !newest(&pod); old != c.old {
			t.Errorf("%s: old is %t", name, old)
		}
	}
}
