package dryrun

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// try predicts the outcome for an object of the new revision.
func (r Release) try(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, o *unstructured.Unstructured) (Outcome, error) {
	outcome := Outcome{Object: objref.ID(o)}
	resource, err := objref.Client(client, mapper, r.Namespace, o)
	if err != nil {
		return outcome, err
	}
	ctx = discreet(ctx, o)
	// Helm reads first. It does not create an existing object, so neither quotas nor the
	// permission to create matter.
	live, err := resource.Get(ctx, o.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		outcome.Verb = Created
		outcome.Predicted, err = resource.Create(ctx, r.marked(o), metav1.CreateOptions{
			DryRun: []string{metav1.DryRunAll}, FieldManager: ownership.FieldManager, FieldValidation: metav1.FieldValidationStrict,
		})
		return outcome, err
	case err != nil:
		return outcome, err
	case !r.owns(live):
		return outcome, foreign(live)
	}
	outcome.Live = live
	outcome.Predicted, err = r.patch(ctx, resource, o, live)
	for tries := 0; err == nil && tries < 5 && outcome.Predicted.GetResourceVersion() != live.GetResourceVersion(); tries++ {
		// A controller wrote in between. Its change must not be attributed to the deploy.
		if live, err = resource.Get(ctx, o.GetName(), metav1.GetOptions{}); err == nil {
			outcome.Live = live
			outcome.Predicted, err = r.patch(ctx, resource, o, live)
		}
	}
	outcome.Verb = Configured
	switch {
	case err != nil:
	case jobFailed(live):
		outcome.Verb = Replaced
		err = tryDelete(ctx, resource, live, metav1.DeletePropagationForeground)
	case same(live, outcome.Predicted):
		outcome.Verb = Unchanged
	}
	return outcome, err
}

// patch returns what the object would be after Helm's patch.
func (r Release) patch(ctx context.Context, resource dynamic.ResourceInterface, o, live *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	kind, patch, err := upgradePatch(r.PreviousOf(o), r.marked(o), live)
	if err != nil {
		return nil, err
	}
	if string(patch) == "{}" { // Helm sends no patch
		return live, nil
	}
	return resource.Patch(ctx, o.GetName(), kind, patch, metav1.PatchOptions{
		DryRun: []string{metav1.DryRunAll}, FieldManager: ownership.FieldManager, FieldValidation: metav1.FieldValidationStrict,
	})
}

// jobFailed reports whether live is a failed Job, which a deploy runs again.
func jobFailed(live *unstructured.Unstructured) bool {
	if live.GetKind() != "Job" {
		return false
	}
	conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
	return slices.ContainsFunc(conditions, func(c any) bool {
		condition, _ := c.(map[string]any)
		return (condition["type"] == "Failed" || condition["type"] == "FailureTarget") && condition["status"] == "True"
	})
}

// left returns the objects that only earlier revisions contain, each once.
func (r Release) left() []*unstructured.Unstructured {
	var left []*unstructured.Unstructured
	for _, o := range r.Previous {
		if find(r.Objects, o) == nil && find(left, o) == nil {
			left = append(left, o)
		}
	}
	return left
}

// leave returns the outcome for an object that only earlier revisions contain, or false
// if it no longer exists or has another owner.
func (r Release) leave(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, o *unstructured.Unstructured) (Outcome, bool, error) {
	outcome := Outcome{Object: objref.ID(o), Verb: Deleted}
	resource, err := objref.Client(client, mapper, r.Namespace, o)
	if meta.IsNoMatchError(err) { // the API was removed, and the object with it
		return outcome, false, nil
	}
	if err != nil {
		return outcome, false, err
	}
	outcome.Live, err = resource.Get(discreet(ctx, o), o.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return outcome, false, nil
	}
	if err != nil {
		return outcome, false, err
	}
	if outcome.Live.GetDeletionTimestamp() != nil || !r.owns(outcome.Live) {
		return outcome, false, nil
	}
	if ownership.IsKept(outcome.Live) {
		outcome.Verb, outcome.Predicted = Kept, outcome.Live
		return outcome, true, nil
	}
	if err = tryDelete(discreet(ctx, o), resource, outcome.Live, metav1.DeletePropagationBackground); apierrors.IsNotFound(err) {
		return outcome, false, nil
	}
	return outcome, err == nil, err
}

// tryDelete asks the server whether it would delete an object, with the propagation
// policy of the deletion itself: without a policy, the server warns that the pods of a
// Job are orphaned.
func tryDelete(ctx context.Context, resource dynamic.ResourceInterface, live *unstructured.Unstructured, propagation metav1.DeletionPropagation) error {
	uid := live.GetUID()
	return resource.Delete(ctx, live.GetName(), metav1.DeleteOptions{
		DryRun:            []string{metav1.DryRunAll},
		PropagationPolicy: &propagation,
		Preconditions:     &metav1.Preconditions{UID: &uid},
	})
}

// discreet returns a context for requests about o that keeps the bodies of Secrets out of
// the log.
func discreet(ctx context.Context, o *unstructured.Unstructured) context.Context {
	if redact.IsSecret(o) {
		return redact.WithoutBodyLogging(ctx)
	}
	return ctx
}

// marked returns o as Helm sends it, with the labels and annotations of its release.
func (r Release) marked(o *unstructured.Unstructured) *unstructured.Unstructured {
	o = o.DeepCopy()
	ownership.SetHelmRelease(o, r.Namespace, r.Name)
	return o
}

// same reports whether a dry run changed nothing but metadata of the change.
func same(live, predicted *unstructured.Unstructured) bool {
	a, b := live.DeepCopy(), predicted.DeepCopy()
	for _, o := range []*unstructured.Unstructured{a, b} {
		o.SetManagedFields(nil)
		o.SetGeneration(0)
		o.SetResourceVersion("")
	}
	return equality.Semantic.DeepEqual(a.Object, b.Object)
}
