package preflight

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestRunningOnALargeCluster asks node by node, and gets no other node's pods.
func TestRunningOnALargeCluster(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	r := &run{Check: Check{Client: kubetest.Client(t), Namespace: namespace}}
	for _, name := range []string{"a", "b", "c"} {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       corev1.PodSpec{NodeName: name + "-" + namespace, Containers: []corev1.Container{{Name: "main", Image: "a"}}},
		}
		if _, err := r.Client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	nodes := []string{"a-" + namespace, "c-" + namespace}
	for size, want := range map[int]bool{1: true, manyNodes + 1: false} {
		found := map[string]bool{}
		for len(found) == 0 { // the server's cache may be a moment behind
			pods, err := r.runningOn(t.Context(), make([]corev1.Node, size), nodes)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range pods {
				if p.Namespace == namespace {
					found[p.Name] = true
				}
			}
		}
		if found["b"] != want || !found["a"] && !found["c"] {
			t.Errorf("of %d nodes: found %v", size, found)
		}
	}
}
