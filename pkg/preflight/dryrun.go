// Package preflight asks the cluster about rendered objects before anything is
// written: DryRun whether it would take them, Check whether they would work:
// whether what they name is there (Secrets and their keys, images, ConfigMaps,
// claims, classes), whether the user may do it, and whether quotas, admission
// and nodes have a place for the pods. It knows no recipe, only Kubernetes
// objects, and of Secrets no values.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

// FieldManager is the name under which objects are tried.
const FieldManager = "kubectl-blueprint"

// Release is what the objects are to become.
type Release struct {
	Name      string
	Namespace string
	Previous  []*unstructured.Unstructured // the objects of its last revision
	Objects   []*unstructured.Unstructured
}

// Outcome is what the server would do with one object.
type Outcome struct {
	Object string // kind.group/name
	Verb   string // created or configured
}

// DryRun sends every object to the server as a dry run, in the way in which Helm
// will send it, so that validation, admission, quota and RBAC speak up before
// the first write. An object that is there and belongs to nobody or to another
// release is refused, as Helm would. The error joins all refusals.
func DryRun(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, r Release) ([]Outcome, error) {
	var outcomes []Outcome
	var refusals []error
	for _, o := range r.Objects {
		verb, err := r.try(ctx, client, mapper, o)
		if err != nil && (!isAnswer(err) || missingNamespace(err)) {
			return nil, err // it would be the same for every other object
		}
		if err != nil {
			refusals = append(refusals, fmt.Errorf("%s: %w", id(o), err))
			continue
		}
		outcomes = append(outcomes, Outcome{Object: id(o), Verb: verb})
	}
	return outcomes, errors.Join(refusals...)
}

func (r Release) try(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, o *unstructured.Unstructured) (string, error) {
	gvk := o.GroupVersionKind()
	mapping, err := mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return "", err
	}
	var resource dynamic.ResourceInterface = client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		resource = client.Resource(mapping.Resource).Namespace(r.Namespace)
	}
	_, err = resource.Create(ctx, o, metav1.CreateOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: FieldManager, FieldValidation: metav1.FieldValidationStrict,
	})
	if !apierrors.IsAlreadyExists(err) {
		return "created", err
	}
	live, err := resource.Get(ctx, o.GetName(), metav1.GetOptions{})
	if err != nil {
		return "", err
	}
	if !r.owns(live) {
		return "", foreign(live)
	}
	kind, patch, err := upgradePatch(r.previous(o), o, live)
	if err != nil {
		return "", err
	}
	_, err = resource.Patch(ctx, o.GetName(), kind, patch, metav1.PatchOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: FieldManager, FieldValidation: metav1.FieldValidationStrict,
	})
	return "configured", err
}

// owns reports whether Helm would take live for an object of the release.
func (r Release) owns(live *unstructured.Unstructured) bool {
	annotations := live.GetAnnotations()
	return live.GetLabels()["app.kubernetes.io/managed-by"] == "Helm" &&
		annotations["meta.helm.sh/release-name"] == r.Name && annotations["meta.helm.sh/release-namespace"] == r.Namespace
}

func (r Release) previous(o *unstructured.Unstructured) *unstructured.Unstructured {
	for _, p := range r.Previous {
		if id(p) == id(o) {
			return p
		}
	}
	return nil
}

// isAnswer tells what a server said, or a kind it doesn't have, from a server
// that could not be reached.
func isAnswer(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) || meta.IsNoMatchError(err) || errors.Is(err, errForeign)
}

// missingNamespace reports whether err says that the namespace does not exist.
func missingNamespace(err error) bool {
	var status apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &status) && status.Status().Details != nil &&
		status.Status().Details.Kind == "namespaces"
}

// id names an object as kubectl prints it: kind.group/name.
func id(o *unstructured.Unstructured) string {
	gk := o.GroupVersionKind().GroupKind()
	return strings.ToLower(gk.String()) + "/" + o.GetName()
}
