// Package dryrun predicts what the server would do with the objects of a release.
// It sends each object as a server-side dry run, in the way in which Helm would
// send it: created, patched with Helm's three-way merge, or deleted. It writes
// nothing and interprets nothing: pkg/diff describes the outcomes to people.
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

// Release is what the objects are to become.
type Release struct {
	Name      string
	Namespace string
	Previous  []*unstructured.Unstructured // what earlier revisions have sent, with all fields that any of them had
	Objects   []*unstructured.Unstructured
}

// Verb is what happens to an object, in kubectl's words where it has one.
type Verb string

// What happens to an object.
const (
	Created    Verb = "created"
	Configured Verb = "configured"
	Unchanged  Verb = "unchanged"
	Replaced   Verb = "replaced" // a Job that has failed, and is made anew
	Deleted    Verb = "deleted"  // an earlier revision has it and this one has not
	Kept       Verb = "kept"     // so, too, but its resource policy says that it stays
)

// Outcome is what the server would do with one object.
type Outcome struct {
	Object    string // kind.group/name
	Verb      Verb
	Live      *unstructured.Unstructured // as it is; nil where it isn't there
	Predicted *unstructured.Unstructured // as it will be; nil where it will be gone
}

// Run sends every object to the server as a dry run, in the way in which Helm
// will send it, so that validation, admission, quota and RBAC speak up before
// the first write. An object that is there and belongs to nobody or to another
// release is refused, as Helm would. The error joins all refusals. The objects
// of earlier revisions that are to go come last.
func Run(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, r Release) ([]Outcome, error) {
	var outcomes []Outcome
	var refusals []error
	for _, o := range r.Objects {
		outcome, err := r.try(ctx, client, mapper, o)
		err = r.redactor(outcome).Error(err)
		if err != nil && (!isAnswer(err) || IsMissingNamespace(err)) {
			return nil, err // it would be the same for every other object
		}
		if err != nil {
			refusals = append(refusals, fmt.Errorf("%s: %w", objref.ID(o), err))
			continue
		}
		outcomes = append(outcomes, outcome)
	}
	for _, o := range r.left() {
		outcome, there, err := r.leave(ctx, client, mapper, o)
		if err = r.redactor(outcome).Error(err); err != nil {
			refusals = append(refusals, fmt.Errorf("%s: %w", objref.ID(o), err))
		} else if there {
			outcomes = append(outcomes, outcome)
		}
	}
	return outcomes, errors.Join(refusals...)
}

// redactor hides the values of all Secrets of the release, and of one that is
// there: a policy may quote them for any object.
func (r Release) redactor(outcome Outcome) *redact.Redactor {
	return redact.ForObjects(slices.Concat(r.Objects, r.Previous, []*unstructured.Unstructured{outcome.Live})...).Except(r.Name, r.Namespace)
}

// owns reports whether Helm would take live for an object of the release.
func (r Release) owns(live *unstructured.Unstructured) bool {
	namespace, name := ownership.HelmRelease(live)
	return name == r.Name && namespace == r.Namespace
}

// PreviousOf returns o as the revision that Helm upgrades has it, or nil.
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
