package deploy

import (
	"context"
	"errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// recover rolls back or removes a release that failed, if RollbackOnFailure says so and
// this deploy made the revision. Its error includes the failure, which the user has to
// see in any case.
func (d *Deployer) recover(ctx context.Context, releases *release.Client, r *Release, revision *release.Release, o InstallOptions, failure error) error {
	switch {
	case ctx.Err() != nil:
		d.Log("release %s stays installed (revision %d) and continues to start", revision.Name, revision.Revision)
		return hint.Run(failure, "undo it", hint.Blueprint(recoveryCommand(revision), "-n", revision.Namespace, revision.Name))
	case !o.RollbackOnFailure || r.UpToDate():
		return failure
	}
	newest, err := releases.Get(revision.Name)
	switch {
	case err != nil:
		return errors.Join(failure, err)
	case newest.Revision != revision.Revision:
		d.Log("release %s not rolled back: revision %d was created concurrently", revision.Name, newest.Revision)
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
			d.Log("release %s uninstalled: no previous revision to roll back to", name)
		}
	case err == nil:
		if _, err = releases.Rollback(ctx, name, target.Revision, basis); err == nil {
			d.Log("release %s rolled back to revision %d", name, target.Revision)
		}
	}
	return err
}

// recoveryCommand returns the command that does what RollbackOnFailure would have done.
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
	if !o.RollbackOnFailure {
		undo.Command = undo.Command.With(d.Cluster.Flags...).With("-n", d.Cluster.Namespace, r.Name())
		recovery.Undo = undo
	}
	return recovery
}
