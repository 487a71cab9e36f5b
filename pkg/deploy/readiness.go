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
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// Readiness counts the ready pods of releases, or the succeeded ones of a Job. It
// lists each kind of workload once.
type Readiness struct {
	Cluster *kube.Cluster // nil: all readiness is ""
	Scope   string        // the namespace, or "" for all
	live    map[schema.GroupKind]map[string]*unstructured.Unstructured
	failed  error
}

// Of returns the readiness of a release as ready/desired, "missing", or "" if it is
// unknown.
func (d *Readiness) Of(ctx context.Context, r *release.Release) string {
	if d.Cluster == nil || d.failed != nil {
		return ""
	}
	for _, o := range r.Objects() {
		if !rollout.IsWorkload(o) {
			continue
		}
		live, err := d.find(ctx, o, r.Namespace)
		switch {
		case err != nil:
			d.failed = err
			return ""
		case live == nil:
			return "missing"
		}
		return ready(live)
	}
	return ""
}

// Err returns why readiness is unknown. It is nil if only a permission is missing.
func (d *Readiness) Err() error {
	if apierrors.IsForbidden(d.failed) {
		return nil
	}
	return d.failed
}

func (d *Readiness) find(ctx context.Context, o *unstructured.Unstructured, namespace string) (*unstructured.Unstructured, error) {
	kind := o.GroupVersionKind().GroupKind()
	if d.live[kind] == nil {
		mapping, err := d.Cluster.Mapper.RESTMapping(kind, o.GroupVersionKind().Version)
		if err != nil {
			return nil, err
		}
		found, err := d.Cluster.Dynamic.Resource(mapping.Resource).Namespace(d.Scope).
			List(ctx, metav1.ListOptions{LabelSelector: ownership.HelmSelector})
		if err != nil {
			return nil, err
		}
		if d.live == nil {
			d.live = map[schema.GroupKind]map[string]*unstructured.Unstructured{}
		}
		d.live[kind] = map[string]*unstructured.Unstructured{}
		for i := range found.Items {
			d.live[kind][found.Items[i].GetNamespace()+"/"+found.Items[i].GetName()] = &found.Items[i]
		}
	}
	return d.live[kind][namespace+"/"+o.GetName()], nil
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
