package cmd

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// errNotDeployed is the error of a name that nothing deployed has.
type errNotDeployed struct{ name, namespace string }

func (e errNotDeployed) Error() string {
	return fmt.Sprintf("%q is not deployed in namespace %s", e.name, e.namespace)
}

// notDeployed is that error, with what the user may have meant.
func notDeployed(deployed []*release.Release, namespace, name string) error {
	var names []string
	group := ""
	for _, r := range deployed {
		names = append(names, r.Name, deploymentName(r.Objects()))
		if r.Group != "" && r.Group == release.GroupLabel(name) {
			group = r.Group
		}
	}
	err := errNotDeployed{name, namespace}
	if group != "" {
		return hint.Run(err, "it is a group; list its members", hint.Blueprint("list", "-n", namespace, "--group", group))
	}
	if near := source.Nearest(name, names); near != "" {
		return hint.Text(err, fmt.Sprintf("did you mean %q?", near))
	}
	return hint.Run(err, "list all deployed recipes", hint.Blueprint("list", "-A"))
}

// releaseNamed returns the name of the release that the user means: by its name,
// or by the deployment_name of its recipe.
func releaseNamed(releases *release.Client, namespace, name string) (string, error) {
	deployed, err := releases.List(chartName)
	if err != nil {
		return "", err
	}
	if input.IsPath(name) {
		err := fmt.Errorf("%s: must be the name of a deployed recipe, not its file", name)
		return "", hint.Run(err, "list the names", hint.Blueprint("list", "-n", namespace))
	}
	return match(deployed, namespace, name, name)
}

// match returns the name of the one release that is called name, or whose
// recipe calls itself as spelled. A release of another chart is never it.
func match(deployed []*release.Release, namespace, name, spelled string) (string, error) {
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
		return "", notDeployed(deployed, namespace, spelled)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%q is the deployment_name of %s: name one of them", spelled, strings.Join(found, " and "))
}

// completeReleases completes the first argument with the names of releases. An
// error completes nothing.
func completeReleases(getter genericclioptions.RESTClientGetter, files cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		namespace, err := kube.Namespace(getter)
		if err != nil {
			return nil, files
		}
		releases, err := release.NewClient(getter, namespace)
		if err != nil {
			return nil, files
		}
		found, err := releases.List(chartName)
		if err != nil {
			return nil, files
		}
		var names []cobra.Completion
		for _, r := range found {
			if strings.HasPrefix(r.Name, prefix) {
				names = append(names, r.Name)
			}
		}
		return names, files
	}
}
