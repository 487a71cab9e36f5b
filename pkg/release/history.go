package release

import (
	"errors"
	"fmt"
	"slices"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// historyMax is the number of revisions kept, the default of helm.
const historyMax = 10

// ErrNoRevision says that no revision to roll back to exists.
var ErrNoRevision = errors.New("no revision to roll back to")

// Changes lists the objects in which r differs from the previous revision, which may be
// nil: +kind/name for an added object, - for a removed and ~ for a changed one. It
// contains no values.
func (r *Release) Changes(before *Release) []string {
	was := map[string]*unstructured.Unstructured{}
	var dropped []*unstructured.Unstructured
	if before != nil {
		dropped = before.Objects()
	}
	for _, o := range dropped {
		was[objref.ID(o)] = o
	}
	changes := []string{}
	for _, o := range r.Objects() {
		switch old, ok := was[objref.ID(o)]; {
		case !ok:
			changes = append(changes, "+"+objref.ID(o))
		case !equality.Semantic.DeepEqual(old.Object, o.Object):
			changes = append(changes, "~"+objref.ID(o))
		}
	}
	for _, o := range subtract(dropped, r.Objects()) {
		changes = append(changes, "-"+objref.ID(o))
	}
	return changes
}

// trimHistory deletes the oldest records above historyMax. Helm would do so before the
// objects of those revisions are pruned. It keeps the deployed revision and the last
// one whose rollout succeeded, so that a rollback target remains after any number of
// failures.
func (r *run) trimHistory() error {
	worked := 0
	for _, old := range r.past {
		if revision := convert(old); revision.Deployed() && !revision.RolloutFailed {
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
			return fmt.Errorf("cannot delete the record of revision %d: %w", old.Version, err)
		}
	}
	return nil
}

func (r *run) loadHistory() (err error) {
	r.past, err = history(r.store, r.name)
	return err
}

// history returns the records of a release, oldest first, or none if the release does
// not exist.
func history(store driver.Driver, name string) ([]*release.Release, error) {
	found, err := store.Query(map[string]string{"name": name, "owner": "helm"})
	if err != nil && !isNotFound(err) {
		return nil, fmt.Errorf("cannot read release %q: %w", name, serverError(err))
	}
	found = slices.DeleteFunc(found, func(r *release.Release) bool { return r.Info == nil })
	releaseutil.SortByRevision(found)
	return found, nil
}

// Target returns the revision that Rollback restores: the given one, or for 0 the
// newest fully applied revision before the last. It prefers revisions whose rollout did
// not fail.
func (c *Client) Target(name string, revision int) (*Release, error) {
	revisions, err := c.History(name)
	if err != nil {
		return nil, err
	}
	if revision == 0 {
		return defaultTarget(revisions)
	}
	for _, r := range revisions {
		switch {
		case revision != r.Revision:
		case !r.Deployed():
			return nil, c.noRevision(name, fmt.Sprintf("revision %d of %q is %s, not deployed", revision, name, r.Status))
		default:
			return r, nil
		}
	}
	return nil, c.noRevision(name, fmt.Sprintf("%q has no revision %d", name, revision))
}

// noRevision returns ErrNoRevision with its reason and a hint to list the revisions.
func (c *Client) noRevision(name, reason string) error {
	return hint.Run(fmt.Errorf("%w: %s", ErrNoRevision, reason), "list the revisions", hint.Blueprint("history", "-n", c.namespace, name))
}

// defaultTarget returns the default of Target.
func defaultTarget(revisions []*Release) (*Release, error) {
	last := revisions[len(revisions)-1]
	var broken *Release
	for _, r := range slices.Backward(revisions[:len(revisions)-1]) {
		switch {
		case !r.Deployed():
		case !r.RolloutFailed:
			return r, nil
		case broken == nil:
			broken = r
		}
	}
	if broken == nil {
		return nil, fmt.Errorf("%w: %q has no deployed revision before %d", ErrNoRevision, last.Name, last.Revision)
	}
	return broken, nil
}

// Deployed reports whether all objects of the revision were applied at some time.
func (r *Release) Deployed() bool {
	return r.Status == release.StatusDeployed.String() || r.Status == release.StatusSuperseded.String()
}
