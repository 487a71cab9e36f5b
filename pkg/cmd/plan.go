package cmd

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// planned is the plan that deploy carries out; without a file it is none.
type planned struct {
	file string
	plan *diff.Plan
}

func (p *planned) addFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar(&p.file, "plan", "", "A `PLAN` that 'diff --save-plan' saved, to deploy as it was reviewed, in place of FILE.")
}

// args wants a FILE where there is no plan, and with one nothing that would
// change it.
func (p *planned) args(cmd *cobra.Command, args []string) error {
	if p.file != "" && len(args) > 0 {
		return errors.New("--plan: has the recipes already: leave out the file")
	}
	if p.file != "" {
		for _, other := range []string{"sample", "values", "set", "secrets"} {
			if cmd.Flags().Changed(other) {
				return fmt.Errorf("--plan: is deployed as it was reviewed: leave out --%s", other)
			}
		}
		return nil
	}
	return cmdutil.Args(1, 1)(cmd, args)
}

// levels renders the recipes of the plan, if there is one, or reads the file.
func (o *deployOptions) levels(ctx context.Context, b *blueprint) ([][]*workload, error) {
	if o.planned.file == "" {
		return o.reviewOptions.levels(ctx, b)
	}
	text, err := input.ReadFile(ctx, o.planned.file, source.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("--plan: %w", err)
	}
	plan, err := diff.DecodePlan(text)
	if err == nil {
		err = o.checkTarget(b, plan)
	}
	if err != nil {
		return nil, fmt.Errorf("--plan: %s: %w", o.planned.file, err)
	}
	o.planned.plan = plan
	var levels [][]*workload
	for _, releases := range plan.Levels {
		var level []*workload
		for _, r := range releases {
			w, err := newWorkload(b, r)
			if err != nil {
				return nil, err
			}
			level = append(level, w)
		}
		levels = append(levels, level)
	}
	return levels, nil
}

// checkTarget refuses a plan for another chart or another place.
func (o *deployOptions) checkTarget(b *blueprint, plan *diff.Plan) error {
	here, err := o.emptyPlan(b)
	switch {
	case err != nil:
		return err
	case plan.Chart != here.Chart:
		return fmt.Errorf("was made by version %s of the plugin, which makes other objects than this one: make a new plan", plan.Plugin)
	case plan.Server != here.Server:
		return fmt.Errorf("is for the server %s, not for %s: choose its --context", plan.Server, here.Server)
	case plan.Namespace != here.Namespace:
		return fmt.Errorf("is for namespace %s, not for %s: add -n %[1]s", plan.Namespace, here.Namespace)
	}
	return nil
}

func newWorkload(b *blueprint, r diff.Planned) (*workload, error) {
	w := &workload{file: r.File, group: r.Group, needed: r.Needed, values: r.Values}
	var err error
	if w.manifests, err = b.chart.Render(w.values); err != nil {
		return nil, fmt.Errorf("%s: %w", w.file, err)
	}
	if w.objects, err = w.manifests.Objects(); err != nil {
		return nil, fmt.Errorf("%s: %w", w.file, err)
	}
	if len(w.objects) == 0 || w.name() != r.Release {
		return nil, fmt.Errorf("--plan: what it has of %s makes another release: make a new plan", r.Release)
	}
	return w, nil
}

// try asks the server, and refuses a plan of which anything has changed.
func (o *deployOptions) try(ctx context.Context, c *kube.Cluster, all []*workload) error {
	if err := o.reviewOptions.try(ctx, c, all); err != nil || o.planned.plan == nil {
		return err
	}
	var moved []string
	i := 0
	for _, level := range o.planned.plan.Levels {
		for _, r := range level {
			own, err := r.Drift(all[i].revision(), all[i].review(false))
			if err != nil {
				return err
			}
			moved, i = append(moved, own...), i+1
		}
	}
	if len(moved) == 0 {
		return nil
	}
	for i, line := range moved {
		moved[i] = "  " + line
	}
	return cmdutil.WithLines(errors.New("--plan: nothing was written, as the cluster is no longer as it was when the plan was made: review it again with a new plan"), moved...)
}
