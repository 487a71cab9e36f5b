// Package objref names the objects of a cluster and addresses them. Its names are the
// only ones that output contains: kind.group/name, as kubectl prints it. It sends no
// requests, except that a mapper may discover APIs.
package objref

import (
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

// APIVersion is the version of the product's own objects: everything that it prints or
// saves as JSON or YAML. Fields may be added to a version, but never change or disappear.
const APIVersion = "kubectl-blueprint.github.io/v1"

// ID returns kind.group/name. It identifies an object within a release, whatever the API
// version.
func ID(o *unstructured.Unstructured) string {
	return NameID(o.GroupVersionKind().GroupKind(), o.GetName())
}

// NameID returns the ID of the object with a kind and a name.
func NameID(kind schema.GroupKind, name string) string {
	return strings.ToLower(kind.String()) + "/" + name
}

// Client returns the client for the kind of an object in its namespace, or in
// namespace if it names none. It fails if the cluster does not have the kind.
func Client(client dynamic.Interface, mapper meta.RESTMapper, namespace string, o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	gvk := o.GroupVersionKind()
	mapping, err := mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return client.Resource(mapping.Resource), nil
	}
	if own := o.GetNamespace(); own != "" {
		namespace = own
	}
	return client.Resource(mapping.Resource).Namespace(namespace), nil
}
