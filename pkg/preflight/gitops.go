package preflight

import (
	"context"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// gitops returns the releases that Argo CD or Flux manages: these would revert
// the deploy.
func (r *run) gitops(ctx context.Context) ([]Finding, error) {
	findings, err := collect(ctx, r.releases, r.gitopsOwner)
	return slices.Concat(findings...), err
}

// gitopsOwner checks one live object of the previous revision, because a GitOps
// tool manages all objects of a release or none.
func (r *run) gitopsOwner(ctx context.Context, release dryrun.Release) ([]Finding, error) {
	for _, o := range release.Previous {
		if pods, err := podsOf([]*unstructured.Unstructured{o}); err != nil || len(pods) == 0 {
			continue
		}
		gvk := o.GroupVersionKind()
		mapping, err := r.Mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
		if meta.IsNoMatchError(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		live, err := r.Dynamic.Resource(mapping.Resource).Namespace(r.Namespace).Get(ctx, o.GetName(), metav1.GetOptions{})
		switch {
		case apierrors.IsNotFound(err):
			continue
		case err == nil:
		case r.skipped.forbids(err, mapping.Resource.Resource, "management by Argo CD or Flux"):
			return nil, nil
		default:
			return nil, err
		}
		if words := ownership.GitOps(live); words != "" {
			what, fix, _ := strings.Cut(words, ": ")
			return []Finding{{Severity: Error, Rule: "gitops-managed", Release: release.Name, Object: objref.ID(o), What: what, Fix: hint.Hint{Text: fix}}}, nil
		}
		return nil, nil
	}
	return nil, nil
}
