package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// NotDeployedError is the error of a name that no release has.
type NotDeployedError struct{ Name, Namespace string }

// Error returns the message.
func (e NotDeployedError) Error() string {
	return fmt.Sprintf("%q is not deployed in namespace %s", e.Name, e.Namespace)
}

// Deployed is what the user refers to by a name or a file: a release, its recipe, or
// both.
type Deployed struct {
	Release        string              // "" if it does not exist
	DeploymentName string              // of the recipe, "" if that is not known
	Workload       *blueprint.Workload // of the recipe's file; nil for a name
}

// FindNamed returns the release that a name means: its own name, or the
// deployment_name of its recipe. The error is a NotDeployedError if there is none.
func FindNamed(releases *release.Client, namespace, name string) (string, error) {
	if input.IsPath(name) {
		err := fmt.Errorf("NAME must be the name of a deployed recipe, not a file: %s", name)
		return "", hint.Run(err, "list the names", hint.Blueprint("list", "-n", namespace))
	}
	deployed, err := releases.List(blueprint.ChartName)
	if err != nil {
		return "", err
	}
	return match(deployed, namespace, name, name)
}

// FindDeployed returns the releases with the given names and those of workloads, in
// the order of removal: dependents first. The error joins a NotDeployedError for each
// name without a release, which the result has without a Release.
func FindDeployed(releases *release.Client, namespace string, names []string, waves [][]*blueprint.Workload) ([]Deployed, error) {
	listed, err := releases.List(blueprint.ChartName)
	if err != nil {
		return nil, err
	}
	found, err := matchAll(listed, namespace, slices.Concat(waves...))
	if err != nil && !errors.As(err, new(NotDeployedError)) {
		return nil, err
	}
	missing := []error{err}
	for _, name := range names {
		deployed, err := match(listed, namespace, name, name)
		switch {
		case err == nil:
			found = append(found, Deployed{Release: deployed})
		case errors.As(err, new(NotDeployedError)): // name may be either
			found, missing = append(found, Deployed{DeploymentName: name}), append(missing, err)
		default:
			return nil, err
		}
	}
	return found, errors.Join(missing...)
}

// Selector returns the label selector of the objects of releases and of their pods.
func Selector(found []Deployed) string {
	var names []string
	for _, d := range found {
		if d.Release != "" {
			names = append(names, d.Release)
		}
	}
	return fmt.Sprintf("%s in (%s)", ownership.InstanceLabel, strings.Join(names, ","))
}

// matchAll matches the recipes of a file. Of a group whose deploy or removal stopped
// halfway, it is enough that one member is deployed.
func matchAll(listed []*release.Release, namespace string, all []*blueprint.Workload) ([]Deployed, error) {
	var found []Deployed
	var missing error
	anyDeployed := false
	for _, w := range slices.Backward(all) {
		name, err := match(listed, namespace, "", w.DeploymentName())
		if err != nil && !errors.As(err, new(NotDeployedError)) {
			return nil, err
		}
		missing = cmp.Or(err, missing)
		anyDeployed = anyDeployed || name != ""
		found = append(found, Deployed{name, w.DeploymentName(), w})
	}
	if !anyDeployed {
		return found, missing
	}
	return found, nil
}

// match returns the name of the one release with a name, or whose recipe has a
// deployment_name.
func match(deployed []*release.Release, namespace, name, deploymentName string) (string, error) {
	var found []string
	for _, r := range deployed {
		switch {
		case r.Name == name: // takes precedence over a deployment_name
			return r.Name, nil
		case blueprint.DeploymentNameOf(r.Objects()) == deploymentName:
			found = append(found, r.Name)
		}
	}
	switch len(found) {
	case 0:
		return "", notDeployed(deployed, namespace, deploymentName)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%q is ambiguous: it matches %s", deploymentName, strings.Join(found, " and "))
}

// notDeployed returns a NotDeployedError with what the user may have meant.
func notDeployed(deployed []*release.Release, namespace, name string) error {
	var names []string
	group := ""
	for _, r := range deployed {
		names = append(names, r.Name, blueprint.DeploymentNameOf(r.Objects()))
		if r.Group != "" && r.Group == release.GroupLabel(name) {
			group = r.Group
		}
	}
	err := NotDeployedError{name, namespace}
	if group != "" {
		return hint.Run(err, "it is a group; list its members", hint.Blueprint("list", "-n", namespace, "--group", group))
	}
	if near := source.Nearest(name, names); near != "" {
		return hint.Text(err, fmt.Sprintf("did you mean %q?", near))
	}
	return hint.Run(err, "list all deployed recipes", hint.Blueprint("list", "-A"))
}
