package release

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// prepare makes way for a wanted object: one that is just being deleted would take
// a change and be gone a moment later, and a Job that has failed would not run
// again. What is not of this release is refused.
func (r *run) prepare(o *unstructured.Unstructured) error {
	resource, err := r.resource(o)
	if err != nil {
		return err
	}
	live, err := resource.Get(r.ctx, o.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return err
	case !r.owns(live):
		return fmt.Errorf("%s: is there already and is not part of this release: remove it, or give the recipe another deployment_name", id(o))
	case live.GetDeletionTimestamp() != nil:
		r.logOnce("%s is being deleted: waiting until it is gone", id(o))
		return r.waitForDeletion(live, outageTimeout)
	case !failedJob(live):
		return nil
	}
	r.logOnce("%s has failed before: it is deleted, to run again", id(o))
	if _, err := r.deleteObject(o, deleteOptions{foreground: true}); err != nil {
		return err
	}
	return r.waitForDeletion(live, outageTimeout)
}

func failedJob(live *unstructured.Unstructured) bool {
	if live.GetKind() != "Job" {
		return false
	}
	conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["status"] == "True" && (condition["type"] == "Failed" || condition["type"] == "FailureTarget") {
			return true
		}
	}
	return false
}
