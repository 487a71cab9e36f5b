package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

type undeployOptions struct {
	recipeOptions
	target  string
	dryRun  kcmdutil.DryRunStrategy
	volumes bool
	yes     bool
	wait    bool
	timeout time.Duration

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newUndeploy(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &undeployOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "undeploy NAME|FILE",
		GroupID: recipesGroup,
		Short:   "Remove a deployed recipe and its objects",
		Long: heredoc.Doc(`
			Remove a deployed recipe and its objects, and wait until its pods are gone.

			NAME is the name that 'kubectl blueprint list' shows, or the recipe's
			deployment_name. FILE is the recipe itself, ending in .json, .yaml or
			.yml, a directory of recipes, with a slash in its name, or a dash for standard
			input; a group is removed in the reverse of the order in which it was deployed.

			Secrets stay, and so do volumes that the recipe says to retain:
			--delete-volumes removes these, too, even of a recipe that was undeployed
			before. On a terminal you are asked before that, as what is on them can't be
			brought back. An undeploy that was cut off is run again.`),
		Example: cmdutil.Examples(`
			# By name
			kubectl blueprint undeploy recipe-nim

			# By recipe
			kubectl blueprint undeploy nim.json

			# With its data
			kubectl blueprint undeploy recipe-nim --delete-volumes`),
		Args:              cmdutil.Args(1, 1),
		ValidArgsFunction: completeReleases(getter, cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.target = args[0]
			if o.dryRun, err = kcmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	kcmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client or server, have the server try it, say what would be removed, and remove nothing.`
	cmd.Flags().BoolVar(&o.volumes, "delete-volumes", false, "If true, remove the volumes that the recipe says to retain, and what is on them.")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "If true, don't ask on a terminal before volumes are removed.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, wait until all objects and their pods are gone.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 5*time.Minute, "The length of time to wait before giving up.")
	return cmd
}

func (o *undeployOptions) run(ctx context.Context) error {
	if o.timeout <= 0 {
		return errors.New("--timeout: want a time above 0; not to wait at all, --wait=false")
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, namespace)
	if err != nil {
		return err
	}
	releases.Log = cmdutil.Reporter(o.streams.ErrOut)
	found, err := o.find(ctx, releases, namespace)
	gone := errors.As(err, new(errNotDeployed)) && o.volumes // there may be volumes left
	if err != nil && !gone {
		return err
	}
	if err := o.confirm(ctx, releases, found); err != nil {
		return err
	}
	return o.remove(ctx, releases, found, err)
}

// remove removes releases and, where that is wanted, volumes. missing is the
// error of a release of which nothing is there but volumes, perhaps.
func (o *undeployOptions) remove(ctx context.Context, releases *release.Client, found []deployed, missing error) error {
	told := map[string]bool{} // what goes with a release, which a dry run leaves there
	for _, d := range found {
		if d.release == "" {
			continue
		}
		if r, err := releases.Get(d.release); err == nil { // else Uninstall says why
			releases.Redact = redact.ForObjects(r.AppliedObjects()...).Text
		}
		removed, err := releases.Uninstall(ctx, d.release, o.removal())
		if ctx.Err() != nil && err != nil {
			return fmt.Errorf("interrupted: undeploy again to remove what is left: %w", err)
		}
		if err != nil {
			return err
		}
		if err := o.print(d.release, removed); err != nil {
			return err
		}
		for _, name := range removed.Deleted {
			told[name] = true
		}
	}
	if !o.volumes {
		return nil
	}
	volumes, err := o.leftVolumes(ctx, releases, found)
	volumes = slices.DeleteFunc(volumes, func(v release.Volume) bool { return told[v.ID()] })
	if err == nil && len(volumes) == 0 {
		return missing
	}
	return errors.Join(err, o.removeVolumes(ctx, releases, volumes))
}

// deployed is what the target means: a release, its recipe, or both.
type deployed struct {
	release  string    // "" where it is not there (any more)
	spelled  string    // what its recipe calls itself, "" where that is not known
	workload *workload // of the recipe's file; nil for a name
}

// find returns what the target means in the order in which it is removed: what
// needs others goes before them. The error is errNotDeployed where no release is
// there.
func (o *undeployOptions) find(ctx context.Context, releases *release.Client, namespace string) ([]deployed, error) {
	listed, err := releases.List(chartName)
	if err != nil {
		return nil, err
	}
	if !input.IsPath(o.target) {
		name, err := match(listed, namespace, o.target, o.target)
		if err != nil { // it may be either
			return []deployed{{spelled: o.target}}, err
		}
		return []deployed{{release: name}}, nil
	}
	b, err := loadBlueprint()
	if err != nil {
		return nil, err
	}
	r, err := o.read(ctx, b, []string{o.target}, namespace, o.streams.In, io.Discard) // what has no effect has none here either
	if err != nil {
		return nil, err
	}
	levels, err := r.workloads()
	if err != nil {
		return nil, err
	}
	return matchAll(listed, namespace, slices.Concat(levels...))
}

// matchAll matches the recipes of a file. Of a group whose installation or
// removal stopped halfway, it is enough that one member is deployed.
func matchAll(listed []*release.Release, namespace string, all []*workload) ([]deployed, error) {
	var found []deployed
	var missing error
	anyDeployed := false
	for _, w := range slices.Backward(all) {
		name, err := match(listed, namespace, "", w.deploymentName())
		if err != nil && !errors.As(err, new(errNotDeployed)) {
			return nil, err
		}
		missing = cmp.Or(err, missing)
		anyDeployed = anyDeployed || name != ""
		found = append(found, deployed{name, w.deploymentName(), w})
	}
	if !anyDeployed {
		return found, missing
	}
	return found, nil
}
