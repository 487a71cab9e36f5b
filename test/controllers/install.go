package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	sigsyaml "sigs.k8s.io/yaml"
)

const fieldManager = "test-controllers"

// installer applies objects of any kind.
type installer struct {
	client dynamic.Interface
	mapper meta.ResettableRESTMapper
}

func newInstaller(config *rest.Config) (*installer, error) {
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	d, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	return &installer{client, restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(d))}, nil
}

// install applies the manifests of the controller, in their own order.
func (i *installer) install(ctx context.Context, c *controller) error {
	content, err := os.ReadFile(filepath.Join(c.bin, c.name+".yaml"))
	if err != nil {
		return err
	}
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), 4096)
	for {
		object := &unstructured.Unstructured{}
		if err := documents.Decode(&object.Object); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if !c.adapt(object) {
			continue
		}
		if err := i.apply(ctx, object); err != nil {
			return fmt.Errorf("applying %s %s: %w", object.GetKind(), object.GetName(), err)
		}
	}
}

// adapt makes an object fit for a controller that is no pod. False leaves it out.
func (c *controller) adapt(object *unstructured.Unstructured) bool {
	switch object.GetKind() {
	case "Deployment", "APIService":
		return false
	case "Service":
		if object.GetName() != c.service {
			return false
		}
		// The API server follows the name, and expects the certificate of the Service.
		object.Object["spec"] = map[string]any{"type": "ExternalName", "externalName": "localhost"}
	}
	setPorts(object.Object, int64(c.webhooks))
	return true
}

// setPorts sets the port of the Services that webhooks are reached at,
// wherever in the object they are.
func setPorts(value any, port int64) {
	switch v := value.(type) {
	case map[string]any:
		if config, ok := v["clientConfig"].(map[string]any); ok {
			if service, ok := config["service"].(map[string]any); ok {
				service["port"] = port
			}
		}
		for _, child := range v {
			setPorts(child, port)
		}
	case []any:
		for _, child := range v {
			setPorts(child, port)
		}
	}
}

func (i *installer) apply(ctx context.Context, object *unstructured.Unstructured) error {
	resource, err := i.resource(object)
	if err != nil {
		return err
	}
	_, err = resource.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
	return err
}

// tryCreate creates the object in a dry run, which passes through webhooks.
func (i *installer) tryCreate(ctx context.Context, manifest string) error {
	object := &unstructured.Unstructured{}
	if err := sigsyaml.Unmarshal([]byte(manifest), &object.Object); err != nil {
		return err
	}
	resource, err := i.resource(object)
	if err != nil {
		return err
	}
	_, err = resource.Create(ctx, object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}

func (i *installer) resource(object *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	gvk := object.GroupVersionKind()
	mapping, err := i.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		i.mapper.Reset() // a custom resource may have become known since
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		return i.client.Resource(mapping.Resource), nil
	}
	return i.client.Resource(mapping.Resource).Namespace(object.GetNamespace()), nil
}
