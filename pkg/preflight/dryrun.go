// Package preflight asks the cluster about rendered objects before anything is
// written. It knows no recipe, only Kubernetes objects.
package preflight

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
)

// FieldManager is the name under which objects are tried.
const FieldManager = "kubectl-blueprint"

// Outcome is what the server would do with one object.
type Outcome struct {
	Object string // kind.group/name
	Verb   string // created or configured
}

// DryRun sends every object to the server as a dry run, so that validation,
// admission, quota and RBAC speak up before the first write. An object that is
// not there is created, one that is there is applied over. The error joins the
// refusals of all objects.
func DryRun(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, namespace string, objects []*unstructured.Unstructured) ([]Outcome, error) {
	var outcomes []Outcome
	var refusals []error
	for _, o := range objects {
		verb, err := dryRunOne(ctx, client, mapper, namespace, o)
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

func dryRunOne(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, namespace string, o *unstructured.Unstructured) (string, error) {
	gvk := o.GroupVersionKind()
	mapping, err := mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return "", err
	}
	var resource dynamic.ResourceInterface = client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		resource = client.Resource(mapping.Resource).Namespace(namespace)
	}
	_, err = resource.Create(ctx, o, metav1.CreateOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: FieldManager, FieldValidation: metav1.FieldValidationStrict,
	})
	if !apierrors.IsAlreadyExists(err) {
		return "created", err
	}
	data, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	force := true
	_, err = resource.Patch(ctx, o.GetName(), types.ApplyPatchType, data, metav1.PatchOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: FieldManager, Force: &force, FieldValidation: metav1.FieldValidationStrict,
	})
	return "configured", err
}

// isAnswer tells what a server said, or a kind it doesn't have, from a server
// that could not be reached.
func isAnswer(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) || meta.IsNoMatchError(err)
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
