package release

import (
	"context"
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// Basis is the reviewed state that a change is based on. The change is refused with
// ErrBusy if the release has changed since.
type Basis struct {
	// Newest is the newest revision at the time of the review, or nil if there was none.
	Newest *Release
	// Review repeats the review of the objects and fails if its result differs. It is
	// called after taking over from a killed run, which may have applied objects since
	// the review. May be nil.
	Review func(context.Context) error
}

// Unchanged returns ErrBusy if a release has changed since its review.
func (c *Client) Unchanged(ctx context.Context, name string, basis *Basis) error {
	r, err := c.newRun(ctx, name)
	if err != nil {
		return err
	}
	r.basis = basis
	if err := r.retry(r.loadHistory); err != nil {
		return err
	}
	return r.checkUnchanged()
}

// checkUnchanged returns ErrBusy if the release has changed since its review. It ignores
// rollout notes.
func (r *run) checkUnchanged() error {
	if r.basis == nil {
		return nil
	}
	last, was := r.last(), r.basis.Newest
	switch {
	case last == nil && was == nil:
		return nil
	case last == nil:
		return r.errChanged(fmt.Sprintf("revision %d was removed", was.Revision))
	}
	now := convert(last)
	if was == nil || now.Revision != was.Revision || now.Status != was.Status || !now.Updated.Equal(was.Updated) {
		return r.errChanged(fmt.Sprintf("revision %d is %s", now.Revision, now.Status))
	}
	return nil
}

// reviewAgain repeats the review if the run took over from a killed one.
func (r *run) reviewAgain() error {
	if !r.tookOver || r.basis == nil || r.basis.Review == nil {
		return nil
	}
	return r.basis.Review(r.ctx)
}

// errChanged returns ErrBusy for a release that has changed since its review.
func (r *run) errChanged(how string) error {
	err := fmt.Errorf("%w on release %q in namespace %q, or has just finished: %s since the review; nothing was changed", ErrBusy, r.name, r.namespace, how)
	return hint.Text(err, "run the command again to review the changes")
}
