// Package deploy installs, rolls back and removes rendered recipes.
//
//	waves of Releases ─Prepare→ dry run and preflight, nothing written
//	                  ─ApplyPayload→ Secrets
//	                  ─Install→ Helm releases, wave by wave, each watched until ready
//
// It joins what each step needs (release, dryrun, preflight, rollout) and redacts
// what they report. It reads no flags and asks no questions: commands do.
package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// Deployer deploys releases to one namespace of a cluster.
type Deployer struct {
	Blueprint *blueprint.Blueprint
	Cluster   *kube.Cluster
	Log       func(format string, args ...any) // progress, one line per call
	Payload   *Payload                         // Secrets to apply first, or nil
	Plan      *diff.Plan                       // the saved plan to carry out, or nil

	versions secretVersions
}

// Prepare finds the existing releases, runs the preflight and sends every object to
// the server as a dry run. It writes nothing. The error is what prevents the
// deploy; report receives each finding of the preflight.
func (d *Deployer) Prepare(ctx context.Context, all []*Release, mode PreflightMode, report func(Finding)) error {
	if err := d.Payload.check(ctx); err != nil {
		return err
	}
	forbidden := d.Find(ctx, all)
	if forbidden != nil && !apierrors.IsForbidden(forbidden) {
		return forbidden
	}
	// The preflight reports all missing permissions, not only that to read releases.
	if err := d.preflight(ctx, all, mode, report); err != nil {
		return err
	}
	if forbidden != nil {
		return forbidden
	}
	if err := d.DryRun(ctx, all); err != nil || d.Plan == nil {
		return err
	}
	return checkDrift(d.Plan, all)
}

// Find sets the existing release of each release and the versions of its Secrets. It
// returns an error if a release belongs to another chart or recipe, or if its record
// would be too large.
func (d *Deployer) Find(ctx context.Context, all []*Release) error {
	releases, err := release.NewClient(d.Cluster.Getter, d.Cluster.Namespace)
	if err != nil {
		return err
	}
	if d.versions, err = newSecretVersions(d.Cluster, d.Payload.names()); err != nil {
		return err
	}
	var large []error
	for _, r := range all {
		if !releases.StoresInSecrets() && slices.ContainsFunc(r.Objects, redact.IsSecret) {
			return hint.Text(fmt.Errorf("%s: contains credentials, which HELM_DRIVER=configmap would store in a ConfigMap", r.File), "unset HELM_DRIVER")
		}
		existing, err := releases.Get(r.Name())
		if err != nil && !errors.Is(err, release.ErrNotFound) {
			return err
		}
		if err == nil {
			if err := checkReplaceable(existing, r); err != nil {
				return err
			}
			r.Existing = existing
		}
		if err := d.versions.pin(ctx, d.Blueprint, r); err != nil {
			return err
		}
		if err := releases.CheckSize(d.Blueprint.Chart.Helm(), r.Name(), r.Manifests.String(), r.Values); err != nil {
			large = append(large, fmt.Errorf("%s: %w", r.File, err))
		}
	}
	return errors.Join(large...)
}

// DryRun sets the outcome of a server-side dry run for each object of each release.
func (d *Deployer) DryRun(ctx context.Context, all []*Release) error {
	for _, r := range all {
		var err error
		if r.Outcomes, err = dryrun.Run(ctx, d.Cluster.Dynamic, d.Cluster.Mapper, r.desired(d.Cluster.Namespace)); err != nil {
			return err
		}
	}
	return nil
}

// checkReplaceable returns an error for a release of another chart or recipe.
func checkReplaceable(existing *release.Release, r *Release) error {
	if err := existing.CheckChart(blueprint.ChartName); err != nil {
		return err
	}
	if holder := blueprint.DeploymentNameOf(existing.Objects()); holder != r.DeploymentName() && !existing.Uninstalling() {
		err := fmt.Errorf("%s: release %s is already used by deployment %q in namespace %s", r.File, r.Name(), holder, existing.Namespace)
		return hint.Text(err, fmt.Sprintf("choose another deployment_name than %q", r.DeploymentName()))
	}
	return nil
}

// ApplyPayload applies the payload, if there is one, and renders the releases again with
// the new versions of its Secrets.
func (d *Deployer) ApplyPayload(ctx context.Context, all []*Release) error {
	if d.Payload == nil {
		return nil
	}
	if err := d.Payload.apply(ctx); err != nil {
		return err
	}
	d.versions.changing = nil
	for _, r := range all {
		if err := d.versions.pin(ctx, d.Blueprint, r); err != nil {
			return err
		}
	}
	return nil
}

// Install installs the releases wave by wave. It stops after a wave in which one has
// failed; the error joins all failures and names the releases that were not started.
func (d *Deployer) Install(ctx context.Context, waves [][]*Release, o InstallOptions) error {
	f := newFollower(d.Cluster, o)
	defer f.close()
	for i, wave := range waves {
		if err := d.installWave(ctx, wave, f, o); err != nil {
			return errors.Join(err, notStarted(slices.Concat(waves[i+1:]...)))
		}
	}
	return nil
}

func notStarted(all []*Release) error {
	var names []string
	for _, r := range all {
		names = append(names, r.Name())
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("skipped, dependencies are not ready: %s", strings.Join(names, ", "))
}
