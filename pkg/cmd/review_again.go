package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// basis returns the review of a workload, on which its deploy rests.
func (o *deployOptions) basis(c *kube.Cluster, w *workload) *release.Basis {
	again := reviewer{workload: w, say: o.say, agreed: func(now diff.Release) bool {
		return o.planned.plan == nil && (o.yes || !now.Disruptive() || !input.IsTerminal(o.streams.In))
	}}
	return &release.Basis{Newest: w.existing, Review: func(ctx context.Context) error {
		return again.review(ctx, c, w.wanted(c.Namespace))
	}}
}

// basis returns the review of a workload, on which its rollback rests.
func (o *rollbackOptions) basis(c *kube.Cluster, w *workload, target *release.Release) *release.Basis {
	again := reviewer{workload: w, say: cmdutil.Reporter(o.streams.ErrOut), agreed: func(now diff.Release) bool {
		return o.yes || !now.Disruptive() || !input.IsTerminal(o.streams.In)
	}}
	return &release.Basis{Newest: w.existing, Review: func(ctx context.Context) error {
		return again.review(ctx, c, w.wantedBack(c.Namespace, target))
	}}
}

// reviewer repeats a review.
type reviewer struct {
	*workload
	say    func(format string, args ...any)
	agreed func(now diff.Release) bool // whether another result needs no confirmation
}

// review asks the server again what it would do. It prints the changes if they
// are not those that were printed before, and returns an error if somebody would
// have to confirm them.
func (r reviewer) review(ctx context.Context, c *kube.Cluster, wanted dryrun.Release) error {
	outcomes, err := dryrun.Run(ctx, c.Dynamic, c.Mapper, wanted)
	if err != nil {
		return err
	}
	before, now := diff.New(wanted.Name, r.outcomes, false).Summary(), diff.New(wanted.Name, outcomes, false)
	if slices.Equal(before, now.Summary()) {
		return nil
	}
	if !r.agreed(now) {
		err := fmt.Errorf("objects of release %q in namespace %q have changed since the review; no object was changed", wanted.Name, wanted.Namespace)
		return hint.Text(err, "run the command again to review what it changes now")
	}
	r.outcomes = outcomes
	r.say("release %s: its objects have changed since the review, which now is:", wanted.Name)
	for _, line := range now.Summary() {
		r.say("%s", line)
	}
	return nil
}
