package release

import (
	"context"
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// Basis is what a change of a release was decided on. A change whose basis is
// gone is refused with ErrBusy: somebody else has changed the release since.
type Basis struct {
	// Newest is the newest revision as it was reviewed; nil: there was no release.
	Newest *Release
	// Review repeats the review of the objects, and fails unless its result is the
	// same. It is called after taking over from a killed run, which may have sent
	// objects after it was seen last. May be nil.
	Review func(context.Context) error
}

// Unchanged returns an error if a release is no longer as it was reviewed.
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

// checkUnchanged returns an error if the release is no longer as it was reviewed. What
// the watch of a revision has noted on its record makes no difference.
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

// reviewAgain repeats the review if a killed run may have changed its result.
func (r *run) reviewAgain() error {
	if !r.tookOver || r.basis == nil || r.basis.Review == nil {
		return nil
	}
	return r.basis.Review(r.ctx)
}

// errChanged returns ErrBusy for a release that was changed after its review.
func (r *run) errChanged(how string) error {
	err := fmt.Errorf("%w on release %q in namespace %q, or has just ended: %s since the review; nothing was changed", ErrBusy, r.name, r.namespace, how)
	return hint.Text(err, "run the command again to review what it changes now")
}
