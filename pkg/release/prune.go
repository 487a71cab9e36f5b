package release

import (
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// orphaned are the objects of revisions that never came to be, without those
// that the deployed one has: Helm looks only at the deployed one, and would
// leave them for good.
func (r *run) orphaned() []*unstructured.Unstructured {
	var failed, deployed []*release.Release
	for _, revision := range sinceDeployed(r.past) {
		if revision.Info.Status == release.StatusDeployed {
			deployed = append(deployed, revision)
		} else {
			failed = append(failed, revision)
		}
	}
	return subtract(appliedObjects(failed), appliedObjects(deployed))
}

// prune removes those of the objects that are not wanted any more.
func (r *run) prune(found, wanted []*unstructured.Unstructured) error {
	for _, o := range subtract(found, wanted) {
		err := r.retry(func() error {
			_, err := r.deleteObject(o, deleteOptions{})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
