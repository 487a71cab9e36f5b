package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// UndeployOptions determine how to remove releases.
type UndeployOptions struct {
	release.UninstallOptions
	Removed       func(name string, result release.UninstallResult) error // reports a removed release
	VolumeRemoved func(id string) error                                   // reports a removed volume
}

// Undeploy removes releases and, if the options say so, the volumes that they or
// earlier ones have left. It returns missing, the error for names without a release,
// unless it removed volumes.
func Undeploy(ctx context.Context, releases *release.Client, found []Deployed, missing error, o UndeployOptions) error {
	reported := map[string]bool{} // objects removed with a release, which still exist after a dry run
	for _, d := range found {
		if d.Release == "" {
			continue
		}
		if r, err := releases.Get(d.Release); err == nil { // otherwise Uninstall returns the error
			releases.Redact = redact.ForObjects(r.AppliedObjects()...).Text
		}
		removed, err := releases.Uninstall(ctx, d.Release, o.UninstallOptions)
		if ctx.Err() != nil && err != nil {
			return hint.Text(fmt.Errorf("interrupted; release %s is partly removed: %w", d.Release, err), "run undeploy again to remove the rest")
		}
		if err != nil {
			return err
		}
		if err := o.Removed(d.Release, removed); err != nil {
			return err
		}
		for _, name := range removed.Deleted {
			reported[name] = true
		}
	}
	if !o.Volumes {
		return missing
	}
	volumes, err := LeftVolumes(ctx, releases, found)
	volumes = slices.DeleteFunc(volumes, func(v release.Volume) bool { return reported[v.ID()] })
	if err == nil && len(volumes) == 0 {
		return missing
	}
	return errors.Join(err, removeVolumes(ctx, releases, volumes, o))
}

// LeftVolumes returns the volumes that releases have left or, while they exist, will
// leave.
func LeftVolumes(ctx context.Context, releases *release.Client, found []Deployed) ([]release.Volume, error) {
	volumes, err := releases.Volumes(ctx)
	return slices.DeleteFunc(volumes, func(v release.Volume) bool {
		name := v.Claim.GetAnnotations()[render.DeploymentNameAnnotation]
		return name == "" || !slices.ContainsFunc(found, func(d Deployed) bool {
			return d.Release != "" && v.Release == d.Release || d.DeploymentName != "" && (v.Release == d.DeploymentName || name == d.DeploymentName)
		})
	}), err
}

func removeVolumes(ctx context.Context, releases *release.Client, volumes []release.Volume, o UndeployOptions) error {
	for _, v := range volumes {
		removed, err := releases.RemoveVolume(ctx, v, o.UninstallOptions)
		if err != nil {
			return err
		}
		for _, id := range removed.Deleted {
			if err := o.VolumeRemoved(id); err != nil {
				return err
			}
		}
	}
	return nil
}
