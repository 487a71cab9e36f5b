package cmd

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type undeployOptions struct {
	recipeOptions
	target  string
	dryRun  cmdutil.DryRunStrategy
	volumes bool
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
			.yml, or a dash for standard input; a group is removed in the reverse of
			the order in which it was deployed. Secrets stay, and so do volumes that the
			recipe says to retain: --delete-volumes removes these, too, even of a recipe
			that was undeployed before. An undeploy that was cut off is run again.`),
		Example: examples(`
			# By name
			kubectl blueprint undeploy recipe-nim

			# By recipe
			kubectl blueprint undeploy nim.json

			# With its data
			kubectl blueprint undeploy recipe-nim --delete-volumes`),
		Args:              operands(1, 1),
		ValidArgsFunction: completeReleases(getter, cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			o.target = args[0]
			if o.dryRun, err = cmdutil.GetDryRunStrategy(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	cmdutil.AddDryRunFlag(cmd)
	cmd.Flags().Lookup("dry-run").Usage = `Must be "none", "client" or "server". If client or server, have the server try it, say what would be removed, and remove nothing.`
	cmd.Flags().BoolVar(&o.volumes, "delete-volumes", false, "If true, remove the volumes that the recipe says to retain, and what is on them.")
	cmd.Flags().BoolVar(&o.wait, "wait", true, "If true, wait until all objects and their pods are gone.")
	cmd.Flags().DurationVar(&o.timeout, "timeout", 5*time.Minute, "The length of time to wait before giving up.")
	return cmd
}

func (o *undeployOptions) run(ctx context.Context) error {
	if o.timeout <= 0 {
		return errors.New("--timeout: want a time above 0; not to wait at all, --wait=false")
	}
	namespace, err := namespaceOf(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, namespace)
	if err != nil {
		return err
	}
	releases.Say = sayTo(o.streams.ErrOut)
	names, spelled, err := o.find(releases, namespace)
	gone := errors.As(err, new(errNotDeployed)) && o.volumes // there may be volumes left
	if err != nil && !gone {
		return err
	}
	for _, name := range names {
		if r, err := releases.Get(name); err == nil { // else Uninstall says why
			releases.Hide = func(text string) string { return secrets.Hide(text, r.Sent()...) }
		}
		removed, err := releases.Uninstall(ctx, name, o.removal())
		if err != nil {
			return err
		}
		if err := o.print(name, removed); err != nil {
			return err
		}
	}
	if !o.volumes {
		return nil
	}
	found, volumesErr := o.removeVolumes(ctx, releases, append(names, spelled...))
	if gone && !found && volumesErr == nil {
		return err
	}
	return volumesErr
}

// find returns the names of the releases that the target means, in the order in
// which they are removed: what needs others goes before them. It also returns
// what their recipes call themselves.
func (o *undeployOptions) find(releases *release.Client, namespace string) (names, spelled []string, err error) {
	deployed, err := releases.List(chartName)
	if err != nil {
		return nil, nil, err
	}
	if !isFile(o.target) {
		name, err := match(deployed, namespace, o.target, o.target)
		if err != nil {
			return nil, []string{o.target}, err
		}
		return []string{name}, nil, nil
	}
	b, err := loadBlueprint()
	if err != nil {
		return nil, nil, err
	}
	r, err := o.read(b, []string{o.target}, namespace, o.streams.In, io.Discard) // what has no effect has none here either
	if err != nil {
		return nil, nil, err
	}
	levels, err := r.workloads()
	if err != nil {
		return nil, nil, err
	}
	all := slices.Concat(levels...)
	for _, w := range all {
		spelled = append(spelled, w.deploymentName())
	}
	names, err = o.matchAll(deployed, namespace, all)
	return names, spelled, err
}

// matchAll matches the recipes of a file. Of a group whose installation or
// removal stopped halfway, it is enough that one member is deployed.
func (o *undeployOptions) matchAll(deployed []*release.Release, namespace string, all []*workload) ([]string, error) {
	var names []string
	var missing errNotDeployed
	for _, w := range slices.Backward(all) {
		name, err := match(deployed, namespace, "", w.deploymentName())
		switch {
		case errors.As(err, &missing):
		case err != nil:
			return nil, err
		default:
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, missing
	}
	return names, nil
}

// isFile tells a recipe's file from the name of a deployed one, which may hold
// a dot but no ending of a file.
func isFile(target string) bool {
	return target == "-" || slices.Contains([]string{".json", ".yaml", ".yml"}, strings.ToLower(filepath.Ext(target)))
}
