package deploy

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// installsInFlight is how many releases of a wave are installed at a time. All are
// watched at once.
const installsInFlight = 16

// InstallOptions determine how to install, roll back and watch releases.
type InstallOptions struct {
	Wait              bool          // until the release is ready or has failed
	Timeout           time.Duration // of the wait; 0 means only the timeouts of each phase
	NoProgressTimeout time.Duration // of a starting container; 0 means the default
	RollbackOnFailure bool          // roll back a release that failed, or remove a first revision
	// Confirmed reports whether changes may be made that were not part of the review,
	// because the cluster has changed since.
	Confirmed func(now diff.Release) bool
	Printer   *progress.Printer
}

// installWave installs the releases of one wave side by side and waits for all of
// them: those of the next wave depend on them. One that fails does not stop the
// others, which may work; the error joins all failures.
func (d *Deployer) installWave(ctx context.Context, wave []*Release, f *follower, o InstallOptions) error {
	failures, slots := make([]error, len(wave)), make(chan struct{}, installsInFlight)
	var group sync.WaitGroup
	for i, r := range wave {
		group.Go(func() { failures[i] = d.installAndWait(ctx, r, slots, f, o) })
	}
	group.Wait()
	return errors.Join(failures...)
}

func (d *Deployer) installAndWait(ctx context.Context, r *Release, slots chan struct{}, f *follower, o InstallOptions) error {
	slots <- struct{}{}
	releases, revision, err := d.install(ctx, r, o)
	<-slots
	if err != nil {
		return err
	}
	if o.Wait {
		err := f.watch(ctx, r.Workload, o.Timeout, func() progress.Recovery { return d.recovery(releases, r, o) })
		if err == nil || !r.UpToDate() { // a revision that worked when it was deployed keeps that result
			recordResult(ctx, releases, revision, err)
		}
		if err != nil {
			return d.recover(ctx, releases, r, revision, o, err)
		}
	}
	return o.Printer.Deployed(r.Name(), endpointFinder{d.Cluster, getOne(d.Cluster)}.of(ctx, d.Cluster.Namespace, r.Name(), r.Objects))
}

// install makes a revision of the release, unless it is up to date.
func (d *Deployer) install(ctx context.Context, r *Release, o InstallOptions) (*release.Client, *release.Release, error) {
	releases, err := release.NewClient(d.Cluster.Getter, d.Cluster.Namespace)
	if err != nil {
		return nil, nil, err
	}
	releases.Log, releases.Group, releases.Redact = d.Log, r.Group, r.redactor().Text
	basis := d.basis(r, r.desired(d.Cluster.Namespace), o.Confirmed)
	if now := r.Existing; r.UpToDate() {
		if err := releases.Unchanged(ctx, now.Name, basis); err != nil {
			return nil, nil, err
		}
		d.Log("release %s unchanged (revision %d) in namespace %s", now.Name, now.Revision, now.Namespace)
		return releases, now, nil
	}
	now, err := releases.Deploy(ctx, d.Blueprint.Chart.Helm(), r.Name(), r.Values, basis)
	if err != nil {
		return nil, nil, err
	}
	verb := "upgraded"
	if r.Existing == nil {
		verb = "installed"
	}
	d.Log("release %s %s (revision %d) in namespace %s", now.Name, verb, now.Revision, now.Namespace)
	return releases, now, nil
}

// recordResult stores on the record of a revision whether its rollout succeeded, so
// that no rollback restores a failed one. An interrupted watch has no
// result. An error is only logged, because the rollout itself is not affected.
func recordResult(ctx context.Context, releases *release.Client, revision *release.Release, watched error) {
	var err error
	failed := (*rollout.Failure)(nil)
	switch {
	case watched == nil && revision.RolloutFailed:
		err = releases.NoteRolloutSucceeded(ctx, revision)
	case errors.As(watched, &failed) && failed.Terminal():
		err = releases.NoteRolloutFailed(ctx, revision, failed.Reason)
	}
	if err != nil {
		releases.Log("release %s (revision %d): could not record the rollout result: %v", revision.Name, revision.Revision, err)
	}
}
