package deploy

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// Readiness counts the ready pods of releases, or the succeeded ones of a Job, and
// finds their endpoints. It lists each kind of object once.
type Readiness struct {
	Cluster *kube.Cluster // nil: all readiness is ""
	Scope   string        // the namespace, or "" for all
	live    map[schema.GroupKind]listed
	failed  error
}

// listed are the objects of one kind by namespace/name, or why they are unknown.
type listed struct {
	objects map[string]*unstructured.Unstructured
	err     error
}

// Of returns the readiness of a release as ready/desired, "missing", or "" if it is
// unknown, and its health.
func (d *Readiness) Of(ctx context.Context, r *release.Release) (string, Health) {
	if d.Cluster == nil || d.failed != nil {
		return "", ""
	}
	for _, o := range r.Objects() {
		if !rollout.IsWorkload(o) {
			continue
		}
		live, err := d.find(ctx, r.Namespace, o)
		switch {
		case err != nil:
			d.failed = err
			return "", ""
		case live == nil:
			return "missing", HealthDegraded
		}
		return ready(live), healthOf(live, r.RolloutFailed)
	}
	return "", ""
}

// Endpoints returns the endpoints of a release, or nil if it has no Service.
func (d *Readiness) Endpoints(ctx context.Context, r *release.Release) *progress.Endpoints {
	if d.Cluster == nil {
		return nil
	}
	return endpointFinder{d.Cluster, d.find}.of(ctx, r.Namespace, r.Name, r.Objects())
}

// Err returns why readiness is unknown. It is nil if only a permission is missing.
func (d *Readiness) Err() error {
	if apierrors.IsForbidden(d.failed) {
		return nil
	}
	return d.failed
}

func (d *Readiness) find(ctx context.Context, namespace string, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	kind := o.GroupVersionKind().GroupKind()
	if _, known := d.live[kind]; !known {
		if d.live == nil {
			d.live = map[schema.GroupKind]listed{}
		}
		objects, err := d.list(ctx, kind, o.GroupVersionKind().Version)
		d.live[kind] = listed{objects, err}
	}
	return d.live[kind].objects[namespace+"/"+o.GetName()], d.live[kind].err
}

func (d *Readiness) list(ctx context.Context, kind schema.GroupKind, version string) (map[string]*unstructured.Unstructured, error) {
	mapping, err := d.Cluster.Mapper.RESTMapping(kind, version)
	if err != nil {
		return nil, err
	}
	found, err := d.Cluster.Dynamic.Resource(mapping.Resource).Namespace(d.Scope).
		List(ctx, metav1.ListOptions{LabelSelector: ownership.HelmSelector})
	if err != nil {
		return nil, err
	}
	objects := map[string]*unstructured.Unstructured{}
	for i := range found.Items {
		objects[found.Items[i].GetNamespace()+"/"+found.Items[i].GetName()] = &found.Items[i]
	}
	return objects, nil
}

// ready returns ready/desired of a workload, or succeeded/completions of a Job.
func ready(live *unstructured.Unstructured) string {
	wanted, is := []string{"spec", "replicas"}, []string{"status", "readyReplicas"}
	if live.GetKind() == "Job" {
		wanted, is = []string{"spec", "completions"}, []string{"status", "succeeded"}
	}
	total, ok, err := unstructured.NestedInt64(live.Object, wanted...)
	if err != nil || !ok {
		total = 1
	}
	count, _, err := unstructured.NestedInt64(live.Object, is...)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d/%d", count, total)
}
