package deploy

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// deployed returns a release of a recipe with a deployment_name.
func deployed(name, deploymentName, group string) *release.Release {
	manifest := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {kubectl-blueprint.github.io/deployment-name: %q}}\n", deploymentName)
	return &release.Release{Name: name, Namespace: "ns", Group: group, Manifest: manifest}
}

// named returns a workload with a deployment_name.
func named(deploymentName string) *blueprint.Workload {
	o := &unstructured.Unstructured{}
	o.SetAnnotations(map[string]string{"kubectl-blueprint.github.io/deployment-name": deploymentName})
	return &blueprint.Workload{Objects: []*unstructured.Unstructured{o}}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	listed := []*release.Release{
		deployed("recipe-web", "web", ""), deployed("recipe-api", "recipe-web", ""), deployed("helms-own", "db", "shop"),
		deployed("one", "twice", ""), deployed("two", "twice", ""),
	}
	for target, want := range map[string]string{
		"web":        "recipe-web",
		"recipe-web": "recipe-web", // which is also the deployment_name of recipe-api
		"recipe-api": "recipe-api",
		"db":         "helms-own",
		"one":        "one",
	} {
		if got, err := match(listed, "ns", target, target); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", target, got, err, want)
		}
	}
	if _, err := match(listed, "ns", "twice", "twice"); err == nil || errors.As(err, new(NotDeployedError)) || !strings.Contains(err.Error(), "one and two") {
		t.Errorf("got %v, want an error with both names", err)
	}
	for target, want := range map[string]string{
		"wbe":       `did you mean "web"?`,
		"shop":      "it is a group; list its members: kubectl blueprint list -n ns --group shop",
		"elsewhere": "list all deployed recipes: kubectl blueprint list -A",
	} {
		_, err := match(listed, "ns", target, target)
		if missing := (NotDeployedError{}); !errors.As(err, &missing) || missing != (NotDeployedError{target, "ns"}) {
			t.Errorf("%s: got %v, want NotDeployedError", target, err)
		}
		if hints := hint.Of(err); len(hints) != 1 || hints[0].String() != want {
			t.Errorf("%s: got %v, want %s", target, hints, want)
		}
	}
	if got, err := match(listed, "ns", "", "recipe-web"); err != nil || got != "recipe-api" {
		t.Errorf("a recipe's deployment_name matched %q, %v, want recipe-api: names of releases do not count", got, err)
	}
}

func TestMatchAll(t *testing.T) {
	t.Parallel()
	listed := []*release.Release{deployed("recipe-web", "web", ""), deployed("recipe-db", "db", ""), deployed("one", "twice", ""), deployed("two", "twice", "")}
	for name, c := range map[string]struct {
		recipes []string
		want    []string // release and deployment_name, dependents first
		missing string
		err     bool
	}{
		"all":         {[]string{"db", "web"}, []string{"recipe-web web", "recipe-db db"}, "", false},
		"half":        {[]string{"db", "api"}, []string{" api", "recipe-db db"}, "", false},
		"none":        {[]string{"x", "y"}, []string{" y", " x"}, "x", false},
		"ambiguous":   {[]string{"db", "twice"}, nil, "", true},
		"no workload": {nil, nil, "", false},
	} {
		var all []*blueprint.Workload
		for _, r := range c.recipes {
			all = append(all, named(r))
		}
		found, err := matchAll(listed, "ns", all)
		var got []string
		for i, d := range found {
			got = append(got, d.Release+" "+d.DeploymentName)
			if d.Workload != all[len(all)-1-i] {
				t.Errorf("%s: %s has another workload", name, d.DeploymentName)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: unexpected result (-want +got):\n%s", name, diff)
		}
		missing := NotDeployedError{}
		if isMissing := errors.As(err, &missing); missing.Name != c.missing || (err != nil) != (c.err || isMissing) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestFindNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("My App", ""))
	for name, want := range map[string]string{"My App": "recipe-my-app", "recipe-my-app": "recipe-my-app"} {
		if got, err := FindNamed(f.releases, f.Cluster.Namespace, name); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
	// A file is refused without a request.
	if _, err := FindNamed(nil, f.Cluster.Namespace, "app.json"); err == nil || errors.As(err, new(NotDeployedError)) {
		t.Errorf("got %v of a file", err)
	}
	if _, err := FindNamed(f.releases, f.Cluster.Namespace, "app"); !errors.As(err, new(NotDeployedError)) {
		t.Errorf("got %v, want NotDeployedError", err)
	}
}
