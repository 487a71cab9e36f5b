package deploy

import (
	"context"
	"fmt"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// Rollback rolls a release back to an earlier revision.
type Rollback struct {
	Target   *release.Release // the revision to restore
	release  *Release         // with the objects of the target
	releases *release.Client
	deployer *Deployer
}

// PrepareRollback sends the objects of a previous revision to the server as a dry run.
// It writes nothing.
func (d *Deployer) PrepareRollback(ctx context.Context, releases *release.Client, target *release.Release) (*Rollback, error) {
	r := &Release{Workload: &blueprint.Workload{Objects: target.Objects()}}
	var err error
	if r.Existing, err = releases.Get(target.Name); err != nil {
		return nil, err
	}
	b := &Rollback{Target: target, release: r, releases: releases, deployer: d}
	if r.Outcomes, err = dryrun.Run(ctx, d.Cluster.Dynamic, d.Cluster.Mapper, b.desired()); err != nil {
		return nil, fmt.Errorf("the server rejects the objects of revision %d; nothing was changed: %w", target.Revision, err)
	}
	return b, nil
}

// InSync reports whether the objects in the cluster are those of the target.
func (b *Rollback) InSync() bool { return b.release.InSync() }

// Diff returns what the rollback changes.
func (b *Rollback) Diff() diff.Release { return diff.New(b.Target.Name, b.release.Outcomes, false) }

// desired returns the objects to send to the server in the dry run. Their release has
// the name of its record: `helm install` may have chosen another name than the
// workload's.
func (b *Rollback) desired() dryrun.Release {
	desired := b.release.desired(b.deployer.Cluster.Namespace)
	desired.Name = b.Target.Name
	return desired
}

// Run makes a revision with the objects of the target, unless they are in sync, and
// watches it. It returns the newest revision.
func (b *Rollback) Run(ctx context.Context, o InstallOptions) (*release.Release, error) {
	now, err := b.apply(ctx, o)
	if err != nil || !o.Wait {
		return now, err
	}
	f := newFollower(b.deployer.Cluster, o)
	defer f.close()
	err = f.watch(ctx, &blueprint.Workload{Objects: now.Objects()}, o.Timeout, nil)
	recordResult(ctx, b.releases, now, err)
	return now, err
}

func (b *Rollback) apply(ctx context.Context, o InstallOptions) (*release.Release, error) {
	log := b.deployer.Log
	b.releases.Log, b.releases.Redact = log, b.release.redactor().Text
	basis := b.deployer.basis(b.release, b.desired(), o.Confirmed)
	if r := b.release.Existing; b.InSync() {
		if err := b.releases.Unchanged(ctx, r.Name, basis); err != nil {
			return nil, err
		}
		log("release %s (revision %d) already matches revision %d", r.Name, r.Revision, b.Target.Revision)
		return r, nil
	}
	now, err := b.releases.Rollback(ctx, b.Target.Name, b.Target.Revision, basis)
	if err != nil {
		return nil, err
	}
	log("release %s rolled back to revision %d (revision %d)", now.Name, b.Target.Revision, now.Revision)
	return now, nil
}
