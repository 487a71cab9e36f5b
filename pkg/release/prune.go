package release

import (
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// orphaned returns the objects of failed revisions that the deployed revision does not
// have. Helm compares with the deployed revision only and would leave them behind.
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

// prune deletes the objects in found that are not in wanted.
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
