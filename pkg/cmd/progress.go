package cmd

import (
	"context"
	"errors"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// follower watches releases and prints their progress. Several goroutines may
// share it.
type follower struct {
	*progress.Printer
	cluster  *kube.Cluster
	watcher  *rollout.Watcher
	timeouts rollout.Timeouts
}

// newFollower returns a follower that prints what -o asks for. Close it.
func newFollower(c *kube.Cluster, streams genericiooptions.IOStreams, format string) *follower {
	return &follower{progress.New(streams, format), c, newWatcher(c), rollout.DefaultTimeouts()}
}

// close stops the watch and leaves the terminal as it was.
func (f *follower) close() {
	f.watcher.Close()
	f.Close()
}

// watch follows a workload's release until it is ready or has failed. The cause of
// a failure is printed before watch returns.
func (f *follower) watch(ctx context.Context, w *workload) error {
	values := valuesOf(f.cluster, w.objects)
	err := f.watcher.Watch(ctx, target(w), f.timeouts, values.observer(ctx, f.Observer(w.name())))
	var failed *rollout.Failure
	switch {
	case err == nil:
		return f.End(w.name(), nil)
	case errors.As(err, &failed):
		values.failure(ctx, failed)
		return f.End(w.name(), w.failure(failed))
	}
	return err
}

// failure returns the failure of a workload with the line of its recipe.
func (w *workload) failure(f *rollout.Failure) *progress.Failure {
	line, key := w.blamed(f.Remediation)
	return &progress.Failure{Failure: f, Line: line, Key: key}
}

// newWatcher watches the releases of the cluster's namespace. Close it.
func newWatcher(c *kube.Cluster) *rollout.Watcher {
	clients := rollout.Clients{Dynamic: c.Dynamic, Mapper: c.Mapper, Pods: c.Core, Flags: c.Flags}
	return rollout.NewWatcher(clients, c.Namespace, render.InstanceLabel)
}

func target(w *workload) rollout.Target {
	return rollout.Target{Name: w.name(), Objects: w.objects, RequireCompletion: w.needed, File: w.path()}
}
