// Package dryrun predicts what the server would do with the objects of a release.
// It sends each object as a server-side dry run, exactly as Helm would send it: as a
// create, a patch with Helm's three-way merge, or a delete. It writes nothing and
// interprets nothing: pkg/diff describes the outcomes.
package dryrun

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Release is the desired state of a release.
type Release struct {
	Name      string
	Namespace string
	Previous  []*unstructured.Unstructured // objects of earlier revisions, with all fields that any of them set
	Objects   []*unstructured.Unstructured
}

// Verb says what happens to an object, with the words of kubectl apply.
type Verb string

// The verbs.
const (
	Created    Verb = "created"
	Configured Verb = "configured"
	Unchanged  Verb = "unchanged"
	Replaced   Verb = "replaced" // a failed Job, which is deleted and created again
	Deleted    Verb = "deleted"  // only earlier revisions contain it
	Kept       Verb = "kept"     // also, but its resource policy is keep
)

// Outcome is the predicted result for one object.
type Outcome struct {
	Object    string // kind.group/name
	Verb      Verb
	Live      *unstructured.Unstructured // nil if it does not exist
	Predicted *unstructured.Unstructured // nil if it will be deleted
}

// Run sends every object to the server as a dry run, so that validation, admission,
// quotas and RBAC report errors before the first write. Like Helm, it rejects existing
// objects that are not part of the release. The error joins all rejections. The objects
// that only earlier revisions contain come last.
func Run(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, r Release) ([]Outcome, error) {
	var outcomes []Outcome
	var rejections []error
	for _, o := range r.Objects {
		outcome, err := r.try(ctx, client, mapper, o)
		err = r.redactor(outcome).Error(err)
		if err != nil && (!isAnswer(err) || IsMissingNamespace(err)) {
			return nil, err // every other object has the same error
		}
		if err != nil {
			rejections = append(rejections, fmt.Errorf("%s: %w", objref.ID(o), err))
			continue
		}
		outcomes = append(outcomes, outcome)
	}
	for _, o := range r.left() {
		outcome, exists, err := r.leave(ctx, client, mapper, o)
		if err = r.redactor(outcome).Error(err); err != nil {
			rejections = append(rejections, fmt.Errorf("%s: %w", objref.ID(o), err))
		} else if exists {
			outcomes = append(outcomes, outcome)
		}
	}
	return outcomes, errors.Join(rejections...)
}

// redactor hides the values of all Secrets of the release and of the live object: a
// policy may quote them for any object.
func (r Release) redactor(outcome Outcome) *redact.Redactor {
	return redact.ForObjects(slices.Concat(r.Objects, r.Previous, []*unstructured.Unstructured{outcome.Live})...).Except(r.Name, r.Namespace)
}

// owns reports whether Helm considers live to be part of the release.
func (r Release) owns(live *unstructured.Unstructured) bool {
	namespace, name := ownership.HelmRelease(live)
	return name == r.Name && namespace == r.Namespace
}

// PreviousOf returns o as in the revision that Helm upgrades, or nil.
func (r Release) PreviousOf(o *unstructured.Unstructured) *unstructured.Unstructured {
	return find(r.Previous, o)
}

func find(objects []*unstructured.Unstructured, o *unstructured.Unstructured) *unstructured.Unstructured {
	for _, other := range objects {
		if objref.ID(other) == objref.ID(o) {
			return other
		}
	}
	return nil
}

// isAnswer reports whether err is the server's answer about an object, or an unknown
// kind, rather than a failure to reach the server.
func isAnswer(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) || meta.IsNoMatchError(err) || errors.Is(err, errForeign)
}

// IsMissingNamespace reports whether err says that the namespace does not exist.
func IsMissingNamespace(err error) bool {
	var status apierrors.APIStatus
	return apierrors.IsNotFound(err) && errors.As(err, &status) && status.Status().Details != nil &&
		status.Status().Details.Kind == "namespaces"
}
