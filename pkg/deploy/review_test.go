package deploy

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestReviewAgain changes an object between two reviews.
func TestReviewAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("a", ""))
	r := f.prepared(recipe("a", ""))
	asked := 0
	review := func(confirm bool) error {
		return f.basis(r, r.desired(f.Cluster.Namespace), func(now diff.Release) bool {
			if asked++; !now.Changed() {
				t.Errorf("asked about no change: %v", now.Summary())
			}
			return confirm
		}).Review(t.Context())
	}
	if err := review(false); err != nil || asked != 0 {
		t.Errorf("got %v and asked %d times about the same review", err, asked)
	}
	patch := []byte(`{"spec": {"replicas": 3}}`)
	if _, err := kubetest.Client(t).AppsV1().Deployments(f.Cluster.Namespace).Patch(t.Context(), "recipe-a", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := review(false); err == nil || !strings.Contains(err.Error(), `release "recipe-a"`) || len(hint.Of(err)) != 1 || !r.InSync() {
		t.Errorf("got %v, want an error with a hint and the old review", err)
	}
	if err := review(true); err != nil || asked != 2 || r.InSync() {
		t.Errorf("got %v, asked %d times, want the new review", err, asked)
	}
	f.out.has(t, r.Diff(false).Summary()...)
	if err := review(false); err != nil || asked != 2 {
		t.Errorf("got %v and asked %d times about the review that was confirmed", err, asked)
	}
}
