package kubetest

import (
	"context"
	"os"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// CustomResources skips t where the test cluster has no third-party APIs, or
// fails it where CI is set.
func CustomResources(t testing.TB) {
	t.Helper()
	_, mapper := Dynamic(t)
	_, err := mapper.RESTMapping(schema.GroupKind{Group: "leaderworkerset.x-k8s.io", Kind: "LeaderWorkerSet"})
	switch {
	case err == nil:
	case os.Getenv("CI") != "":
		t.Fatal("the test cluster has no custom resources, and CI allows no skip")
	default:
		t.Skip("no custom resources: start the test cluster with -crds bin/crds, as `make test` does")
	}
}

// Controllers skips t where Kueue's and LeaderWorkerSet's controllers don't
// run. `make test` has a cluster for these tests alone, so CI skips them in the
// other one.
func Controllers(t testing.TB) {
	t.Helper()
	if os.Getenv("BLUEPRINT_TEST_CONTROLLERS") == "" {
		t.Skip("no controllers of Kueue and LeaderWorkerSet: run `make test`")
	}
}

// ObjectClient writes objects of any kind, those that have a namespace to its own.
type ObjectClient struct {
	client    dynamic.Interface
	mapper    meta.RESTMapper
	namespace string
}

// Objects returns a client for objects of any kind in a namespace.
func Objects(t testing.TB, client dynamic.Interface, namespace string) ObjectClient {
	t.Helper()
	_, mapper := Dynamic(t)
	return ObjectClient{client, mapper, namespace}
}

// Create creates the object.
func (c ObjectClient) Create(ctx context.Context, o *unstructured.Unstructured, options metav1.CreateOptions) error {
	resource, err := c.resource(o)
	if err != nil {
		return err
	}
	_, err = resource.Create(ctx, o, options)
	return err
}

// Apply creates the object or changes it to what is given.
func (c ObjectClient) Apply(ctx context.Context, o *unstructured.Unstructured) error {
	resource, err := c.resource(o)
	if err != nil {
		return err
	}
	_, err = resource.Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: "kubetest", Force: true})
	return err
}

// Get returns the object as the server has it.
func (c ObjectClient) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	resource, err := c.resource(o)
	if err != nil {
		return nil, err
	}
	return resource.Get(ctx, o.GetName(), metav1.GetOptions{})
}

func (c ObjectClient) resource(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	gvk := o.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return c.client.Resource(mapping.Resource), nil
	}
	return c.client.Resource(mapping.Resource).Namespace(c.namespace), nil
}
