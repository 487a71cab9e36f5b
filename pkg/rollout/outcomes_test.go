package rollout_test

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// TestWatchSaysThatADeploymentIsPaused would else seem to wait for nothing.
func TestWatchSaysThatADeploymentIsPaused(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "selector:", "paused: true\n  selector:"))
	_, failure := f.fail(3*time.Second, nil)
	if !strings.Contains(failure.Error(), "deployment.apps/web: Paused: ") {
		t.Errorf("got %v", failure)
	}
}

// TestWatchEndsWhenTheWorkloadIsRemoved deletes it while its pod waits for a node.
func TestWatchEndsWhenTheWorkloadIsRemoved(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment, "FIELDS", "resources: {limits: {nvidia.com/gpu: 64}}"))
	removed := false
	_, failure := f.fail(time.Minute, func(c rollout.Change) {
		if c.Reason == "Unschedulable" && !removed {
			removed = true
			if err := f.core.AppsV1().Deployments(f.namespace).Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
				t.Error(err)
			}
		}
	})
	if failure.Cause != "terminal" || failure.Object != "deployment.apps/web" || !strings.Contains(failure.Error(), "was deleted") {
		t.Errorf("got %v", failure)
	}
}

// TestInterruptWhileAllIsReady comes before it has been ready for long.
func TestInterruptWhileAllIsReady(t *testing.T) {
	t.Parallel()
	f := newFixture(t, spec(deployment))
	f.timeouts.Settle = time.Hour
	_, failure := f.fail(15*time.Second, nil)
	if failure.Object != "deployment.apps/web" || len(failure.Unfinished) != 1 || !strings.Contains(failure.Error(), "deployment.apps/web: ready, waiting") {
		t.Errorf("got %+v", failure)
	}
}
