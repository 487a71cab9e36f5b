package deploy

import (
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// basis returns the review that a deploy or rollback of r is based on.
func (d *Deployer) basis(r *Release, desired dryrun.Release, confirmed func(diff.Release) bool) *release.Basis {
	return &release.Basis{Newest: r.Existing, Review: func(ctx context.Context) error {
		return d.reviewAgain(ctx, r, desired, confirmed)
	}}
}

// reviewAgain repeats the dry run of a release. It prints the changes if they are not
// those that were printed before, and returns an error if they need
// confirmation.
func (d *Deployer) reviewAgain(ctx context.Context, r *Release, desired dryrun.Release, confirmed func(diff.Release) bool) error {
	outcomes, err := dryrun.Run(ctx, d.Cluster.Dynamic, d.Cluster.Mapper, desired)
	if err != nil {
		return err
	}
	before, now := diff.New(desired.Name, r.Outcomes, false).Summary(), diff.New(desired.Name, outcomes, false)
	if slices.Equal(before, now.Summary()) {
		return nil
	}
	if !confirmed(now) {
		err := fmt.Errorf("objects of release %q in namespace %q have changed since the review; nothing was changed", desired.Name, desired.Namespace)
		return hint.Text(err, "run the command again to review the changes")
	}
	r.Outcomes = outcomes
	d.Log("release %s: its objects have changed since the review; the changes are now:", desired.Name)
	for _, line := range now.Summary() {
		d.Log("%s", line)
	}
	return nil
}
