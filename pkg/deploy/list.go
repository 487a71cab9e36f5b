package deploy

import (
	"context"
	"maps"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// ListOptions select releases, and what to read of each.
type ListOptions struct {
	Namespace string // "" for all namespaces
	Group     string // deployment group, "" for all
	Selector  labels.Selector
	Readiness bool
	Endpoints bool
}

// Listed is a deployed release with its workload.
type Listed struct {
	Name, Namespace, Group string
	DeploymentName         string
	WorkloadKind           string
	Labels                 map[string]string // of the workload
	Images                 []string          // of the workload, each once
	Ready                  string            // ready/desired pods, "missing", or "" if it is unknown
	Health                 Health            // "" if it is unknown
	Endpoints              *progress.Endpoints
	Revision               int
	Status                 string    // of Helm's record
	Updated                time.Time // in UTC, in seconds
}

// List returns the deployed releases. unknown says why readiness could not be read.
func List(ctx context.Context, c *kube.Cluster, o ListOptions) (all []Listed, unknown, err error) {
	releases, err := release.NewClient(c.Getter, o.Namespace)
	if err != nil {
		return nil, nil, err
	}
	found, err := releases.List(blueprint.ChartName)
	if err != nil {
		return nil, nil, err
	}
	readiness := Readiness{Scope: o.Namespace}
	if o.Readiness {
		readiness.Cluster = c
	}
	for _, r := range found {
		l := newListed(r)
		if o.Group != "" && r.Group != release.GroupLabel(o.Group) || !o.Selector.Matches(labels.Set(l.Labels)) {
			continue
		}
		l.Ready, l.Health = readiness.Of(ctx, r)
		if o.Endpoints {
			l.Endpoints = readiness.Endpoints(ctx, r)
		}
		all = append(all, l)
	}
	return all, readiness.Err(), nil
}

func newListed(r *release.Release) Listed {
	l := Listed{
		Name: r.Name, Namespace: r.Namespace, Group: r.Group, DeploymentName: blueprint.DeploymentNameOf(r.Objects()), Images: []string{},
		Revision: r.Revision, Status: r.Status, Updated: r.Updated.UTC().Truncate(time.Second),
	}
	for _, o := range r.Objects() {
		if rollout.IsWorkload(o) {
			l.WorkloadKind, l.Labels, l.Images = o.GetKind(), maps.Clone(o.GetLabels()), images(o)
		}
	}
	return l
}

// images returns the images of a workload's containers, each once.
func images(workload *unstructured.Unstructured) []string {
	pods, err := podspec.Of(workload)
	if err != nil { // the server accepted the object
		return []string{}
	}
	all := []string{}
	for _, t := range pods.Templates {
		for _, c := range t.Spec.Containers {
			all = append(all, c.Image)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
