package cmd

import (
	"context"
	"slices"
	"strings"

	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// removal is how the flags want it.
func (o *undeployOptions) removal() release.UninstallOptions {
	how := release.UninstallOptions{Volumes: o.volumes, DryRun: o.dryRun != kcmdutil.DryRunNone}
	if o.wait {
		how.Timeout = o.timeout
	}
	return how
}

// print tells what was removed and what is kept.
func (o *undeployOptions) print(what string, removed release.UninstallResult) error {
	suffix := ""
	if o.dryRun != kcmdutil.DryRunNone {
		suffix = " (dry run)"
		for _, name := range removed.Deleted {
			o.say("%s: would be removed", name)
		}
	}
	for _, name := range removed.Kept {
		hint := ""
		if strings.HasPrefix(name, "persistentvolumeclaim/") {
			hint = ": undeploy again with --delete-volumes to remove it"
		}
		o.say("kept: %s%s", name, hint)
	}
	return cmdutil.PrintLine(o.streams.Out, "%s undeployed%s", what, suffix)
}

// leftVolumes are the volumes that releases have left.
func (o *undeployOptions) leftVolumes(ctx context.Context, releases *release.Client, found []deployed) ([]release.Volume, error) {
	volumes, err := releases.Volumes(ctx)
	return slices.DeleteFunc(volumes, func(v release.Volume) bool {
		spelled := v.Claim.GetAnnotations()[render.DeploymentNameAnnotation]
		return spelled == "" || !slices.ContainsFunc(found, func(d deployed) bool {
			return d.release != "" && v.Release == d.release || d.spelled != "" && (v.Release == d.spelled || spelled == d.spelled)
		})
	}), err
}

func (o *undeployOptions) removeVolumes(ctx context.Context, releases *release.Client, volumes []release.Volume) error {
	for _, v := range volumes {
		removed, err := releases.RemoveVolume(ctx, v, o.removal())
		if err != nil {
			return err
		}
		for _, name := range removed.Deleted {
			if o.dryRun != kcmdutil.DryRunNone {
				o.say("%s: would be removed", name)
				continue
			}
			if err := cmdutil.PrintLine(o.streams.Out, "%s removed", name); err != nil {
				return err
			}
		}
	}
	return nil
}

// confirm names the volumes that are to go, and asks where there is somebody to
// ask.
func (o *undeployOptions) confirm(ctx context.Context, releases *release.Client, found []deployed) error {
	if !o.volumes || o.dryRun != kcmdutil.DryRunNone || o.yes || o.target == "-" || !input.IsTerminal(o.streams.In) {
		return nil
	}
	volumes, err := o.leftVolumes(ctx, releases, found)
	if err != nil || len(volumes) == 0 {
		return err
	}
	for _, v := range volumes {
		o.say("%s: is removed, with what is on it", v.ID())
	}
	return confirmed(ctx, o.streams)
}

func (o *undeployOptions) say(format string, args ...any) {
	cmdutil.Report(o.streams.ErrOut, format, args...)
}
