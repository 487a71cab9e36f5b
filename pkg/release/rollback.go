package release

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// ErrNoRevision says that there is no revision to go back to.
var ErrNoRevision = errors.New("no revision to go back to")

// Target is the revision to which Rollback goes: the given one, or for 0 the
// newest one before the last that was deployed whole.
func (c *Client) Target(name string, revision int) (*Release, error) {
	history, err := c.History(name)
	if err != nil {
		return nil, err
	}
	last := history[len(history)-1]
	for _, r := range slices.Backward(history) {
		wanted := revision == 0 && r.Revision < last.Revision && r.wasDeployed()
		if r.Revision == revision && revision != 0 || wanted {
			return r, nil
		}
	}
	if revision != 0 {
		return nil, fmt.Errorf("%w: %q has no revision %d: see 'kubectl blueprint history %[2]s'", ErrNoRevision, name, revision)
	}
	return nil, fmt.Errorf("%w: %q has none before revision %d that was deployed", ErrNoRevision, name, last.Revision)
}

// Past returns the objects of the revision that Helm upgrades, the last one that
// was deployed or else the newest, and those of all other revisions, the newest
// first.
func (c *Client) Past(name string) (previous, others []*unstructured.Unstructured, err error) {
	history, err := c.History(name)
	if err != nil {
		return nil, nil, err
	}
	base := len(history) - 1
	for i, r := range history {
		if r.Status == release.StatusDeployed.String() {
			base = i
		}
	}
	for i, r := range slices.Backward(history) {
		if i != base {
			others = append(others, r.Objects()...)
		}
	}
	return history[base].Objects(), others, nil
}

// wasDeployed reports whether all objects of the revision were sent once.
func (r *Release) wasDeployed() bool {
	return slices.Contains([]string{release.StatusDeployed.String(), release.StatusSuperseded.String()}, r.Status)
}

// Rollback makes a new revision that has what an earlier one had. It recovers
// and retries as Deploy does, and returns once the objects are sent.
func (c *Client) Rollback(ctx context.Context, name string, revision int) (*Release, error) {
	err := c.persist(ctx, func() error { return c.rollback(ctx, name, revision) })
	if err != nil {
		return nil, fmt.Errorf("rolling back %s: %w", name, err)
	}
	return c.Get(name)
}

func (c *Client) rollback(ctx context.Context, name string, revision int) error {
	existing, err := c.Get(name)
	if err == nil {
		existing, err = c.recover(ctx, existing)
	}
	if err != nil {
		return err
	}
	defer c.beat(ctx, name)()
	if err := c.removeFailedJobs(ctx, existing.Objects()); err != nil {
		return err
	}
	rollback := action.NewRollback(c.config)
	rollback.Version, rollback.MaxHistory = revision, historyMax
	if err := rollback.Run(name); err != nil {
		return explain(err)
	}
	now, err := c.Get(name)
	if err != nil {
		return err
	}
	return c.sweep(ctx, now)
}

// History returns the revisions of a release that are kept, the oldest first.
// The error is an ErrNotFound where there are none.
func (c *Client) History(name string) ([]*Release, error) {
	found, err := action.NewHistory(c.config).Run(name)
	if err != nil {
		return nil, c.notFound(name, err)
	}
	history := make([]*Release, len(found))
	for i, r := range found {
		history[i] = convert(r)
	}
	slices.SortFunc(history, func(a, b *Release) int { return a.Revision - b.Revision })
	return history, nil
}
