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
		"error: scaledjob.keda.sh/a: the cluster does not know the kind ScaledJob of keda.sh, which KEDA brings",
		"  install KEDA (https://keda.sh/docs/latest/deploy/), or leave the autoscaling out of the recipe",
		"error: thing.example.com/c: the cluster does not know the kind Thing of example.com",
		"  install what brings it",
		"error: horizontalpodautoscaler.autoscaling/d: the cluster serves autoscaling HorizontalPodAutoscaler in version v1 and v2 only, not in v2beta2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
