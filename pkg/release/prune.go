package release

import (
	"fmt"

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

// trimHistory drops the oldest records where there are too many: what their revisions
// have left is pruned by then, which is why it is not left to Helm. The one that
// is deployed stays, however old it is, and so does the last one that worked:
// it is the way back from any number that did not.
func (r *run) trimHistory() error {
	worked := 0
	for _, old := range r.past {
		if revision := convert(old); revision.Deployed() && !revision.RolloutFailed() {
			worked = old.Version
		}
	}
	many := len(r.past) + 1 - historyMax
	for _, old := range r.past {
		if many <= 0 {
			return nil
		}
		if old.Info.Status == release.StatusDeployed || old.Version == worked {
			continue
		}
		many--
		if _, err := (storageDriver{r.store, r}).Delete(recordKey(old)); err != nil {
			return fmt.Errorf("removing the record of revision %d: %w", old.Version, err)
		}
	}
	return nil
}
