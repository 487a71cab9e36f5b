package deploy

import (
	"context"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// Status is the state of a release.
type Status struct {
	Name        string              `json:"-"` // of the release
	Namespace   string              `json:"-"`
	Revision    int                 `json:"revision"`
	Status      string              `json:"status"` // of the revision, as in Helm's history
	Description string              `json:"description,omitempty"`
	Ready       bool                `json:"ready"`
	Objects     []rollout.Status    `json:"objects"`
	Endpoints   *progress.Endpoints `json:"endpoints,omitempty"` // nil without a Service
	Deleting    []string            `json:"deleting,omitempty"`  // objects that are being deleted, and what blocks them
	Failure     *progress.Failure   `json:"failure,omitempty"`   // the most severe one
}

// StatusOf returns the state of the deployed releases among found, in the order in
// which they are deployed. notes receives notes about objects that cannot be observed.
func StatusOf(ctx context.Context, c *kube.Cluster, releases *release.Client, found []Deployed, notes rollout.Observer) ([]Status, error) {
	watcher := newWatcher(c)
	defer watcher.Close()
	var all []Status
	for _, d := range slices.Backward(found) {
		if d.Release == "" { // a member that is not deployed
			continue
		}
		status, err := statusOf(ctx, c, releases, watcher, d, notes)
		if err != nil {
			return nil, err
		}
		all = append(all, status)
	}
	return all, nil
}

func statusOf(ctx context.Context, c *kube.Cluster, releases *release.Client, watcher *rollout.Watcher, d Deployed, notes rollout.Observer) (Status, error) {
	r, err := releases.Get(d.Release)
	if err != nil {
		return Status{}, err
	}
	objects := r.Objects()
	w := d.Workload
	if w == nil {
		w = &blueprint.Workload{}
	}
	values := valuesOf(c, objects)
	target := rollout.Target{Name: blueprint.InstanceOf(objects), Objects: objects, Redact: values.lines}
	tree, failed, err := watcher.Status(ctx, target, notes)
	if err != nil {
		return Status{}, err
	}
	status := Status{
		Name: r.Name, Namespace: r.Namespace, Revision: r.Revision, Status: r.Status, Description: redact.ForObjects(r.Objects()...).Text(r.Description),
		Ready: failed == nil, Objects: values.tree(ctx, tree), Deleting: releases.Deleting(ctx, r),
		Endpoints: endpointFinder{c, getOne(c)}.of(ctx, r.Namespace, r.Name, objects),
	}
	status.Ready = status.Ready && len(status.Deleting) == 0
	if failed != nil {
		values.failure(ctx, failed)
		status.Failure = withPosition(w, failed)
	}
	return status, nil
}
