package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// removal is how the flags want it.
func (o *undeployOptions) removal() release.Removal {
	how := release.Removal{Volumes: o.volumes, DryRun: o.dryRun != cmdutil.DryRunNone}
	if o.wait {
		how.Timeout = o.timeout
	}
	return how
}

// print tells what was removed and what is kept.
func (o *undeployOptions) print(what string, removed release.Removed) error {
	suffix := ""
	if o.dryRun != cmdutil.DryRunNone {
		suffix = " (dry run)"
		for _, name := range removed.Gone {
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
	_, err := fmt.Fprintf(o.streams.Out, "%s undeployed%s\n", what, suffix)
	return err
}

// removeVolumes removes what releases, known by their names or those of their
// recipes, have left, and reports whether there was anything.
func (o *undeployOptions) removeVolumes(ctx context.Context, releases *release.Client, names []string) (bool, error) {
	volumes, err := releases.Volumes(ctx)
	if err != nil {
		return false, err
	}
	found := false
	for _, v := range volumes {
		spelled := v.Claim.GetAnnotations()[render.DeploymentNameAnnotation]
		if spelled == "" || !slices.Contains(names, v.Release) && !slices.Contains(names, spelled) {
			continue
		}
		found = true
		removed, err := releases.RemoveVolume(ctx, v, o.removal())
		if err != nil {
			return found, err
		}
		for _, name := range removed.Gone {
			if o.dryRun != cmdutil.DryRunNone {
				o.say("%s: would be removed", name)
				continue
			}
			if _, err := fmt.Fprintf(o.streams.Out, "%s removed\n", name); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

func (o *undeployOptions) say(format string, args ...any) { sayTo(o.streams.ErrOut)(format, args...) }
