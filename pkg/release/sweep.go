package release

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
)

// sweep removes what earlier revisions made and r does not have. Helm removes
// what the last deployed revision had, and so forgets what a failed or killed
// one made after it.
func (c *Client) sweep(ctx context.Context, r *Release) error {
	history, err := c.History(r.Name)
	if err != nil {
		return err
	}
	return c.removeObjects(ctx, r.Name, leftOver(history, r.Objects()))
}

// leftOver returns the objects of a history that are not among the present ones.
func leftOver(history []*Release, present []*unstructured.Unstructured) []*unstructured.Unstructured {
	seen := map[string]bool{}
	for _, o := range present {
		seen[identity(o)] = true
	}
	var left []*unstructured.Unstructured
	for _, r := range history {
		for _, o := range r.Objects() {
			if !seen[identity(o)] {
				seen[identity(o)] = true
				left = append(left, o)
			}
		}
	}
	return left
}

func identity(o *unstructured.Unstructured) string {
	return o.GroupVersionKind().GroupKind().String() + "/" + o.GetName()
}

// removeObjects removes those of objects that are there, belong to the release
// and are not to be kept.
func (c *Client) removeObjects(ctx context.Context, name string, objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		resource, err := c.resource(o)
		if meta.IsNoMatchError(err) {
			continue // its API is gone, and with it the object
		}
		if err != nil {
			return err
		}
		live, err := resource.Get(ctx, o.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		if !c.owns(name, live) || live.GetAnnotations()[policyAnnotation] == policyKeep || live.GetDeletionTimestamp() != nil {
			continue
		}
		if err := remove(ctx, resource, live); err != nil {
			return err
		}
	}
	return nil
}

const policyAnnotation, policyKeep = "helm.sh/resource-policy", "keep"

// owns reports whether Helm takes live for an object of the release.
func (c *Client) owns(name string, live metav1.Object) bool {
	annotations := live.GetAnnotations()
	return annotations["meta.helm.sh/release-name"] == name && annotations["meta.helm.sh/release-namespace"] == c.namespace
}

// remove deletes the very object that was looked at, its pods included.
func remove(ctx context.Context, resource dynamic.ResourceInterface, live *unstructured.Unstructured) error {
	uid, background := live.GetUID(), metav1.DeletePropagationBackground
	err := resource.Delete(ctx, live.GetName(), metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &uid}, PropagationPolicy: &background,
	})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("removing %s: %w", identity(live), err)
	}
	return nil
}

func (c *Client) resource(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	client, err := c.dynamic()
	if err != nil {
		return nil, err
	}
	mapper, err := c.config.RESTClientGetter.ToRESTMapper()
	if err != nil {
		return nil, err
	}
	gvk := o.GroupVersionKind()
	mapping, err := mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return client.Resource(mapping.Resource).Namespace(c.namespace), nil
	}
	return client.Resource(mapping.Resource), nil
}
