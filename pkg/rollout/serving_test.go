package rollout

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestServing counts the ready pods of a Deployment by revision, and none of a Job.
func TestServing(t *testing.T) {
	t.Parallel()
	pod := func(old bool, ready corev1.ConditionStatus) *podView {
		return &podView{old: old, Pod: &corev1.Pod{Status: corev1.PodStatus{Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: ready}}}}}
	}
	deleted := pod(true, corev1.ConditionTrue)
	deleted.DeletionTimestamp = &metav1.Time{Time: time.Unix(0, 0)}
	pods := []*podView{pod(true, corev1.ConditionTrue), pod(true, corev1.ConditionTrue), pod(true, corev1.ConditionFalse), pod(false, corev1.ConditionTrue), pod(false, corev1.ConditionFalse), {Pod: &corev1.Pod{}}, deleted}
	workload := func(kind, version string) *objectView {
		template := map[string]any{"spec": map[string]any{"containers": []any{map[string]any{"name": "main"}}}}
		return &objectView{Unstructured: &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": version, "kind": kind, "spec": map[string]any{"replicas": int64(3), "template": template},
		}}}
	}
	for want, v := range map[Serving]view{
		{Previous: 2, Newest: 1, Desired: 3}: {workloads: []*workloadView{{live: workload("Deployment", "apps/v1"), pods: pods}, {}}},
		{}:                                   {workloads: []*workloadView{{live: workload("Job", "batch/v1"), pods: pods}}},
	} {
		if got := v.serving(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
