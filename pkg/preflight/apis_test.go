package preflight_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestKindsThatTheClusterDoesNotServe says what brings them.
func TestKindsThatTheClusterDoesNotServe(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	got := s.run(s.client, `{apiVersion: keda.sh/v1alpha1, kind: ScaledJob, metadata: {name: a}}
---
{apiVersion: keda.sh/v1alpha1, kind: ScaledJob, metadata: {name: b}}
---
{apiVersion: example.com/v1, kind: Thing, metadata: {name: c}}
---
{apiVersion: autoscaling/v2beta2, kind: HorizontalPodAutoscaler, metadata: {name: d}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: e}}`)
	want := []string{
		"error: scaledjob.keda.sh/a: API not found: ScaledJob in keda.sh/v1alpha1 (KEDA)",
		"  install KEDA (https://keda.sh/docs/latest/deploy/), or remove the autoscaling from the recipe",
		"error: thing.example.com/c: API not found: Thing in example.com/v1",
		"  install the operator that provides it",
		"error: horizontalpodautoscaler.autoscaling/d: API not found: HorizontalPodAutoscaler in autoscaling/v2beta2; the cluster serves v1 and v2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
