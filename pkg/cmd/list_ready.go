package cmd

import (
	"context"
	"fmt"
	"io"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// readiness tells how many of the pods that a workload wants are ready, or of a
// Job have succeeded. It lists each kind of workload once.
type readiness struct {
	cluster *kube.Cluster // nil: it tells nothing
	scope   string        // the namespace, or "" for all
	live    map[schema.GroupKind]map[string]*unstructured.Unstructured
	failed  error
}

// of is the readiness of a release as in 1/2, "" where that is not known.
func (d *readiness) of(ctx context.Context, r *release.Release) string {
	if d.cluster == nil || d.failed != nil {
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

func (d *readiness) find(ctx context.Context, o *unstructured.Unstructured, namespace string) (*unstructured.Unstructured, error) {
	kind := o.GroupVersionKind().GroupKind()
	if d.live[kind] == nil {
		mapping, err := d.cluster.Mapper.RESTMapping(kind, o.GroupVersionKind().Version)
		if err != nil {
			return nil, err
		}
		found, err := d.cluster.Dynamic.Resource(mapping.Resource).Namespace(d.scope).
			List(ctx, metav1.ListOptions{LabelSelector: "app.kubernetes.io/managed-by=Helm"})
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

// explain says why readiness is not known, if so.
func (d *readiness) explain(stderr io.Writer) {
	if d.failed != nil && !apierrors.IsForbidden(d.failed) {
		cmdutil.Warn(stderr, "what is ready is not known: %v", d.failed)
	}
}

// ready is 1/2 for a workload of which one pod of two is ready, or has succeeded.
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
