package deploy

import (
	"context"
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// NewPlan returns a plan to carry out the changes that the dry run of releases predicts.
func NewPlan(target diff.Plan, waves [][]*Release) (*diff.Plan, error) {
	plan := target
	for _, wave := range waves {
		var planned []diff.Planned
		for _, r := range wave {
			objects, err := r.Diff(false).Objects()
			if err != nil {
				return nil, err
			}
			planned = append(planned, diff.Planned{
				Release: r.Name(), Revision: r.Revision(), File: r.File, Group: r.Group, Needed: r.Needed, Values: r.Values, Objects: objects,
			})
		}
		plan.Waves = append(plan.Waves, planned)
	}
	return &plan, nil
}

// ReadPlan reads a plan and renders its releases. here is an empty plan for the
// chart, server and namespace of this run; it returns an error for a plan for others.
func ReadPlan(ctx context.Context, b *blueprint.Blueprint, file string, here diff.Plan) (*diff.Plan, [][]*Release, error) {
	text, err := input.ReadFile(ctx, file, source.MaxBytes)
	if err != nil {
		return nil, nil, fmt.Errorf("--plan: %w", err)
	}
	plan, err := diff.DecodePlan(text)
	if err == nil {
		err = checkTarget(plan, here)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("--plan: %s: %w", file, err)
	}
	waves := make([][]*Release, len(plan.Waves))
	for i, planned := range plan.Waves {
		for _, p := range planned {
			w, err := b.Render(p.File, p.Values)
			if err != nil {
				return nil, nil, err
			}
			if w.Name() != p.Release {
				return nil, nil, hint.Text(fmt.Errorf("--plan: %s: does not render release %s", file, p.Release), saveNewPlan)
			}
			w.Group, w.Needed = p.Group, p.Needed
			waves[i] = append(waves[i], &Release{Workload: w})
		}
	}
	return plan, waves, nil
}

// saveNewPlan is the hint for plans that no longer render the same objects.
const saveNewPlan = "save a new plan with 'kubectl blueprint diff FILE --save-plan PLAN'"

// checkTarget returns an error for a plan for another chart or another place.
func checkTarget(plan *diff.Plan, here diff.Plan) error {
	switch {
	case plan.Chart != here.Chart:
		return hint.Text(fmt.Errorf("was created by plugin version %s, which renders different objects", plan.Plugin), saveNewPlan)
	case plan.Server != here.Server:
		return hint.Text(fmt.Errorf("is for server %s, not %s", plan.Server, here.Server), "select the cluster with --context")
	case plan.Namespace != here.Namespace:
		return hint.Text(fmt.Errorf("is for namespace %s, not %s", plan.Namespace, here.Namespace), "use -n "+plan.Namespace)
	}
	return nil
}

// driftError is the error of a plan that no longer fits the cluster.
type driftError struct{ changes []string }

func (driftError) Error() string {
	return "the plan is stale: the cluster has changed since it was saved; nothing was changed"
}

// Lines returns the error and what has changed.
func (e driftError) Lines() []string {
	lines := []string{e.Error()}
	for _, c := range e.changes {
		lines = append(lines, "  "+c)
	}
	return lines
}

// checkDrift returns an error if the dry run of releases is no longer that of the plan.
func checkDrift(plan *diff.Plan, all []*Release) error {
	var changes []string
	i := 0
	for _, wave := range plan.Waves {
		for _, planned := range wave {
			own, err := planned.Drift(all[i].Revision(), all[i].Diff(false))
			if err != nil {
				return err
			}
			changes, i = append(changes, own...), i+1
		}
	}
	if len(changes) > 0 {
		return hint.Text(driftError{changes}, saveNewPlan)
	}
	return nil
}
