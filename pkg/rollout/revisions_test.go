package rollout

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// TestNewPodsAreNotOld: a watch may tell of a pod before it tells what the
// controller has written into the Deployment, or even of the ReplicaSet.
func TestNewPodsAreNotOld(t *testing.T) {
	t.Parallel()
	set := func(uid, revision string) *unstructured.Unstructured {
		o := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apps/v1", "kind": replicaSet.Kind,
			"metadata": map[string]any{"name": "web-" + uid, "uid": uid, "ownerReferences": []any{map[string]any{"uid": "web"}}},
		}}
		o.SetAnnotations(map[string]string{deploymentRevision: revision})
		return o
	}
	live := func(revision string, observed int64) *workloadView {
		o := &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "apps/v1", "kind": deployment.Kind,
			"metadata": map[string]any{"name": "web", "uid": "web", "generation": int64(2)},
			"status":   map[string]any{"observedGeneration": observed},
		}}
		o.SetAnnotations(map[string]string{deploymentRevision: revision})
		return &workloadView{live: &objectView{Unstructured: o}}
	}
	for _, c := range []struct {
		name string
		web  *workloadView
		sets list
		old  map[string]bool // by the ReplicaSet's UID
	}{
		{"first, before its ReplicaSet", live("", 0), nil, map[string]bool{"a": false}},
		{"first, before the Deployment is observed", live("", 0), list{set("a", "1")}, map[string]bool{"a": false}},
		{"upgrade, before anything is seen", live("1", 1), list{set("a", "1")}, map[string]bool{"a": true, "b": false}},
		{"upgrade, before the Deployment is observed", live("1", 1), list{set("a", "1"), set("b", "2")}, map[string]bool{"a": true, "b": false}},
		{"upgrade, before the ReplicaSet", live("2", 2), list{set("a", "1")}, map[string]bool{"a": true, "b": false}},
		{"upgrade", live("2", 2), list{set("a", "1"), set("b", "2")}, map[string]bool{"a": true, "b": false}},
	} {
		newest := c.web.addMakers(c.sets)
		for uid, old := range c.old {
			yes := true
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{OwnerReferences: []metav1.OwnerReference{{Kind: replicaSet.Kind, UID: types.UID(uid), Controller: &yes}}}}
			if newest(pod) == old {
				t.Errorf("%s: pod of %s: old is %t", c.name, uid, !old)
			}
		}
	}
}
