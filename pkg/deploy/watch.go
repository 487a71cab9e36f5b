package deploy

import (
	"context"
	"errors"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// follower watches releases and prints their progress. Several goroutines may share
// it.
type follower struct {
	printer  *progress.Printer
	cluster  *kube.Cluster
	watcher  *rollout.Watcher
	timeouts rollout.Timeouts
}

// newFollower returns a follower. Close it.
func newFollower(c *kube.Cluster, o InstallOptions) *follower {
	timeouts := rollout.DefaultTimeouts()
	timeouts.NoProgress = o.NoProgressTimeout
	return &follower{o.Printer, c, newWatcher(c), timeouts}
}

func (f *follower) close() { f.watcher.Close() }

// watch follows a release until it is ready, has failed or the timeout, which may be
// 0, is over. It prints the cause of a failure before it returns, with the recovery
// from it, which may be nil.
func (f *follower) watch(ctx context.Context, w *blueprint.Workload, timeout time.Duration, recovery func() progress.Recovery) error {
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	values := valuesOf(f.cluster, w.Objects)
	target := rollout.Target{Name: w.Name(), Objects: w.Objects, RequireCompletion: w.Needed, Redact: values.lines}
	startup, err := f.watcher.Watch(ctx, target, f.timeouts, values.observer(ctx, f.printer.Observer(w.Name())))
	var failed *rollout.Failure
	switch {
	case err == nil:
		return f.printer.Ready(w.Name(), startup)
	case errors.As(err, &failed):
		values.failure(ctx, failed)
		failure := withPosition(w, failed)
		if recovery != nil && !failed.Interrupted() {
			failure.Recovery = recovery()
		}
		return f.printer.End(w.Name(), failure)
	}
	return err
}

// newWatcher watches the releases of the cluster's namespace. Close it.
func newWatcher(c *kube.Cluster) *rollout.Watcher {
	clients := rollout.Clients{Dynamic: c.Dynamic, Mapper: c.Mapper, Pods: c.Core, Flags: c.Flags}
	return rollout.NewWatcher(clients, c.Namespace, ownership.InstanceLabel)
}
