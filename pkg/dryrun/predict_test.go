package dryrun_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// configMap is a ConfigMap; marks are what Helm adds to it.
func configMap(t *testing.T, name, value, marks string) *unstructured.Unstructured {
	t.Helper()
	return object(t, `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "`+name+`"`+marks+`}, "data": {"k": "`+value+`"}}`)
}

// TestDryRunTellsWhatBecomesOfEachObject has one object of each fate.
func TestDryRunTellsWhatBecomesOfEachObject(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	client, mapper := kubetest.Dynamic(t)
	marks := func(more string) string {
		return `, "labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "` + namespace + `"` + more + `}`
	}
	writer := kubetest.Objects(t, client, namespace)
	for _, o := range []*unstructured.Unstructured{
		configMap(t, "same", "1", marks("")), configMap(t, "changed", "1", marks("")),
		configMap(t, "left", "1", marks("")), configMap(t, "kept", "1", marks(`, "helm.sh/resource-policy": "keep"`)),
		configMap(t, "taken", "1", ""), // made by hand, after the release's own was deleted
	} {
		if err := writer.Create(t.Context(), o, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	outcomes, err := dryrun.Run(t.Context(), client, mapper, dryrun.Release{
		Name: "r", Namespace: namespace,
		Previous: []*unstructured.Unstructured{
			configMap(t, "same", "1", ""), configMap(t, "changed", "1", ""), configMap(t, "left", "1", ""),
			configMap(t, "kept", "1", ""), configMap(t, "gone", "1", ""), configMap(t, "taken", "1", ""),
			object(t, `{"apiVersion": "example.com/v1", "kind": "Nothing", "metadata": {"name": "x"}}`),
		},
		Objects: []*unstructured.Unstructured{configMap(t, "same", "1", ""), configMap(t, "changed", "2", ""), configMap(t, "new", "1", "")},
	})
	if err != nil {
		t.Fatal(err)
	}
	value := func(o *unstructured.Unstructured) string {
		if o == nil {
			return "none"
		}
		v, _, _ := unstructured.NestedString(o.Object, "data", "k")
		return v + " of " + o.GetAnnotations()["meta.helm.sh/release-name"]
	}
	var got []string
	for _, o := range outcomes {
		got = append(got, o.Object+" "+string(o.Verb)+": "+value(o.Live)+" -> "+value(o.Predicted))
	}
	want := []string{
		"configmap/same unchanged: 1 of r -> 1 of r",
		"configmap/changed configured: 1 of r -> 2 of r",
		"configmap/new created: none -> 1 of r",
		"configmap/left deleted: 1 of r -> none",
		"configmap/kept kept: 1 of r -> 1 of r",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

// TestDryRunOfWhatIsThereNeedsNoQuota: an upgrade creates nothing, so a quota
// that is used up does not stand in its way.
func TestDryRunOfWhatIsThereNeedsNoQuota(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	client, _ := kubetest.Dynamic(t)
	marks := `, "labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "` + namespace + `"}`
	if err := kubetest.Objects(t, client, namespace).Create(t.Context(), configMap(t, "a", "1", marks), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	core := kubetest.Client(t).CoreV1()
	_, err := core.ResourceQuotas(namespace).Create(t.Context(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "none"},
		Spec:       corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{"count/configmaps": resource.MustParse("0")}},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil { // until the server has heard of the quota
		_, err = dryRun(t, namespace, []*unstructured.Unstructured{configMap(t, "b", "1", "")})
	}
	if !strings.Contains(err.Error(), "quota") {
		t.Fatal(err)
	}
	outcomes, err := dryRun(t, namespace, []*unstructured.Unstructured{configMap(t, "a", "2", "")})
	if err != nil || len(outcomes) != 1 || outcomes[0].Verb != dryrun.Configured {
		t.Errorf("got %v, %v", outcomes, err)
	}
}

// TestDryRunOfCustomResources has them merged with what is live, so that what
// somebody else changed is set right.
func TestDryRunOfCustomResources(t *testing.T) {
	t.Parallel()
	kubetest.CustomResources(t)
	namespace := kubetest.Namespace(t)
	client, mapper := kubetest.Dynamic(t)
	scaled := func(cooldown, marks string) *unstructured.Unstructured {
		return object(t, `{"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "s"`+marks+`}, "spec": {
			"scaleTargetRef": {"name": "x"}, "maxReplicaCount": 2, "cooldownPeriod": `+cooldown+`, "triggers": [{"type": "cpu", "metadata": {"value": "50"}}]}}`)
	}
	live := scaled("999", `, "labels": {"app.kubernetes.io/managed-by": "Helm"}, "annotations": {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "`+namespace+`"}`)
	if err := kubetest.Objects(t, client, namespace).Create(t.Context(), live, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		previous, wanted string
		verb             dryrun.Verb
		cooldown         int64
	}{{"300", "300", dryrun.Configured, 300}, {"300", "60", dryrun.Configured, 60}} {
		outcomes, err := dryrun.Run(t.Context(), client, mapper, dryrun.Release{
			Name: "r", Namespace: namespace,
			Previous: []*unstructured.Unstructured{scaled(c.previous, "")}, Objects: []*unstructured.Unstructured{scaled(c.wanted, "")},
		})
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := unstructured.NestedInt64(outcomes[0].Predicted.Object, "spec", "cooldownPeriod")
		if outcomes[0].Verb != c.verb || got != c.cooldown {
			t.Errorf("from %s to %s: %s with a cooldown of %d, want %s with %d", c.previous, c.wanted, outcomes[0].Verb, got, c.verb, c.cooldown)
		}
	}
}
