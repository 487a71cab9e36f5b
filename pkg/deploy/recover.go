package deploy

import (
	"context"
	"errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// recover rolls back or removes a release that failed, if Atomic is set and this deploy
// made the revision. Its error always includes the failure.
func (d *Deployer) recover(ctx context.Context, releases *release.Client, r *Release, revision *release.Release, o InstallOptions, failure error) error {
	switch {
	case !o.Atomic || r.UpToDate():
		return failure
	case ctx.Err() != nil:
		d.Log("release %s, revision %d: left as it is, since the deploy was interrupted: %s",
			revision.Name, revision.Revision, hint.Blueprint(recoveryCommand(revision)).With(d.Cluster.Flags...).With("-n", revision.Namespace, revision.Name))
		return failure
	}
	newest, err := releases.Get(revision.Name)
	switch {
	case err != nil:
		return errors.Join(failure, err)
	case newest.Revision != revision.Revision:
		d.Log("release %s: left as it is, because another run has made revision %d of it", revision.Name, newest.Revision)
		return failure
	}
	return errors.Join(failure, d.rollbackOrRemove(ctx, releases, newest))
}

// rollbackOrRemove rolls back to the previous revision, or removes a release that has
// none that was deployed.
func (d *Deployer) rollbackOrRemove(ctx context.Context, releases *release.Client, newest *release.Release) error {
	name, basis := newest.Name, &release.Basis{Newest: newest}
	target, err := releases.Target(name, 0)
	switch {
	case errors.Is(err, release.ErrNoRevision):
		if _, err = releases.Uninstall(ctx, name, release.UninstallOptions{Basis: basis}); err == nil {
			d.Log("release %s: removed, because no revision of it worked", name)
		}
	case err == nil:
		if _, err = releases.Rollback(ctx, name, target.Revision, basis); err == nil {
			d.Log("release %s: rolled back to revision %d", name, target.Revision)
		}
	}
	return err
}

// recoveryCommand returns the command that does what Atomic would have done.
func recoveryCommand(revision *release.Release) string {
	if revision.Revision == 1 {
		return "undeploy"
	}
	return "rollback"
}

// recovery returns how to undo a deploy whose rollout failed. It suggests nothing if
// this deploy changed nothing, or if it rolls back by itself.
func (d *Deployer) recovery(releases *release.Client, r *Release, o InstallOptions) progress.Recovery {
	recovery := progress.Recovery{File: r.Path()}
	if r.UpToDate() {
		return recovery
	}
	undo := hint.Hint{Text: "or remove it", Command: hint.Blueprint("undeploy")}
	target, err := releases.Target(r.Name(), 0)
	switch {
	case err == nil && !target.RolloutFailed:
		recovery.Revision = target.Revision
		undo = hint.Hint{Text: "or roll back", Command: hint.Blueprint("rollback")}
	case err != nil && !errors.Is(err, release.ErrNoRevision):
		return recovery
	}
	if !o.Atomic {
		undo.Command = undo.Command.With(d.Cluster.Flags...).With("-n", d.Cluster.Namespace, r.Name())
		recovery.Undo = undo
	}
	return recovery
}
