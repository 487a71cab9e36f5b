package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// ErrNoRevision says that there is no revision to go back to.
var ErrNoRevision = errors.New("no revision to go back to")

// Target is the revision to which Rollback goes: the given one, or for 0 the
// newest one before the last that was deployed whole. One that did not work is
// passed over, unless no other has worked: it may be what somebody relies upon.
func (c *Client) Target(name string, revision int) (*Release, error) {
	revisions, err := c.History(name)
	if err != nil {
		return nil, err
	}
	if revision == 0 {
		return previous(revisions)
	}
	for _, r := range revisions {
		switch {
		case revision != r.Revision:
		case !r.Deployed():
			return nil, fmt.Errorf("%w: revision %d of %q is %s: choose one that was deployed, see '%s'", ErrNoRevision, revision, name, r.Status, hint.Blueprint("history", "-n", c.namespace, name))
		default:
			return r, nil
		}
	}
	return nil, fmt.Errorf("%w: %q has no revision %d: see '%s'", ErrNoRevision, name, revision, hint.Blueprint("history", "-n", c.namespace, name))
}

// previous is the revision of Target before the last one.
func previous(revisions []*Release) (*Release, error) {
	last := revisions[len(revisions)-1]
	var broken *Release
	for _, r := range slices.Backward(revisions[:len(revisions)-1]) {
		switch {
		case !r.Deployed():
		case !r.RolloutFailed():
			return r, nil
		case broken == nil:
			broken = r
		}
	}
	if broken == nil {
		return nil, fmt.Errorf("%w: %q has none before revision %d that was deployed", ErrNoRevision, last.Name, last.Revision)
	}
	return broken, nil
}

// Deployed reports whether all objects of the revision were sent once.
func (r *Release) Deployed() bool {
	return r.Status == release.StatusDeployed.String() || r.Status == release.StatusSuperseded.String()
}

// Rollback makes a new revision that has what an earlier one had, for 0 that of
// Target. It goes on from what a killed run has left, as Deploy does, and returns
// once the objects are sent. A release that helm's own command has left pending
// is taken over: that is a way out of it. basis may be nil.
func (c *Client) Rollback(ctx context.Context, name string, revision int, basis *Basis) (*Release, error) {
	r, err := c.newRun(ctx, name)
	if err != nil {
		return nil, err
	}
	r.forceTakeover, r.basis = true, basis
	made, err := r.rollback(revision)
	if err != nil {
		return nil, fmt.Errorf("rolling back %s: %w", name, c.redactError(err))
	}
	return convert(made), nil
}

func (r *run) rollback(revision int) (*release.Release, error) {
	if err := r.recoverPending(); err != nil {
		return nil, err
	}
	target, err := r.Target(r.name, revision)
	if err != nil {
		return nil, err
	}
	err = r.runHelm(func(config *action.Configuration) error {
		rollback := action.NewRollback(config)
		rollback.Version = target.Revision
		return rollback.Run(r.name)
	})
	if err != nil {
		return nil, err
	}
	return (storageDriver{r.store, r}).Get(r.lease.key)
}
