package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

type undeployOptions struct {
	recipeOptions
	target string

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
			Remove a deployed recipe and its objects.

			NAME is the name that 'kubectl blueprint list' shows, or the recipe's
			deployment_name. FILE is the recipe itself, ending in .json, .yaml or
			.yml, or a dash for standard input; a group is removed in the reverse of
			the order in which it was deployed. Secrets and kept volumes stay.`),
		Example: examples(`
			# By name
			kubectl blueprint undeploy recipe-nim

			# By recipe
			kubectl blueprint undeploy nim.json`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.target = args[0]
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	return cmd
}

func (o *undeployOptions) run(ctx context.Context) error {
	namespace, err := namespaceOf(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, namespace)
	if err != nil {
		return err
	}
	names, err := o.find(releases, namespace)
	if err != nil {
		return err
	}
	for _, name := range names {
		removed, err := releases.Uninstall(ctx, name)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(o.streams.Out, "%s undeployed\n", removed.Name); err != nil {
			return err
		}
	}
	return nil
}

// find returns the names of the releases that the target means, in the order in
// which they are removed: what needs others goes before them.
func (o *undeployOptions) find(releases *release.Client, namespace string) ([]string, error) {
	deployed, err := releases.List(chartName)
	if err != nil {
		return nil, err
	}
	if !isFile(o.target) {
		name, err := o.match(deployed, namespace, o.target, o.target)
		return []string{name}, err
	}
	b, err := loadBlueprint()
	if err != nil {
		return nil, err
	}
	r, err := o.read(b, []string{o.target}, namespace, o.streams.In, io.Discard) // what has no effect has none here either
	if err != nil {
		return nil, err
	}
	levels, err := r.workloads()
	if err != nil {
		return nil, err
	}
	return o.matchAll(deployed, namespace, slices.Concat(levels...))
}

// matchAll matches the recipes of a file. Of a group whose installation or
// removal stopped halfway, it is enough that one member is deployed.
func (o *undeployOptions) matchAll(deployed []*release.Release, namespace string, all []*workload) ([]string, error) {
	var names []string
	var missing errNotDeployed
	for _, w := range slices.Backward(all) {
		name, err := o.match(deployed, namespace, "", w.deploymentName())
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

// errNotDeployed is the error of a name that nothing deployed has.
type errNotDeployed struct{ name, namespace string }

func (e errNotDeployed) Error() string {
	return fmt.Sprintf("%q is not deployed in namespace %s: see 'kubectl blueprint list -A'", e.name, e.namespace)
}

// match returns the name of the one release that is called name, or whose
// recipe calls itself as spelled. A release of another chart is never it.
func (o *undeployOptions) match(deployed []*release.Release, namespace, name, spelled string) (string, error) {
	var found []string
	for _, r := range deployed {
		switch {
		case r.Name == name: // what a release is called goes before what a recipe calls itself
			return r.Name, nil
		case deploymentName(r.Objects()) == spelled:
			found = append(found, r.Name)
		}
	}
	switch len(found) {
	case 0:
		return "", errNotDeployed{spelled, namespace}
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%q is the deployment_name of %s: name one of them", spelled, strings.Join(found, " and "))
}

// isFile tells a recipe's file from the name of a deployed one, which may hold
// a dot but no ending of a file.
func isFile(target string) bool {
	return target == "-" || slices.Contains([]string{".json", ".yaml", ".yml"}, strings.ToLower(filepath.Ext(target)))
}
