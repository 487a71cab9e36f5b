package release

import (
	"context"
	"fmt"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
)

// Rollback creates a revision with the content of an earlier one, for 0 the default of
// Target. It recovers from a killed run, as Deploy does, and returns once the objects
// are applied. It also takes over a release that the helm command left pending. basis
// may be nil.
func (c *Client) Rollback(ctx context.Context, name string, revision int, basis *Basis) (*Release, error) {
	r, err := c.newRun(ctx, name)
	if err != nil {
		return nil, err
	}
	r.forceTakeover, r.basis = true, basis
	made, err := r.rollback(revision)
	if err != nil {
		return nil, fmt.Errorf("cannot roll back %s: %w", name, c.redactError(err))
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
