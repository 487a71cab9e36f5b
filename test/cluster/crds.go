package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

// installCRDs creates the CustomResourceDefinitions of the files *.yaml in the
// directories that -crds names, one to a file, and returns when discovery lists
// their resources, so that they can be used at once.
func (c *cluster) installCRDs(ctx context.Context) error {
	var files []string
	for _, dir := range c.opts.crds {
		found, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
		if err == nil && len(found) == 0 {
			err = errors.New("no *.yaml there")
		}
		if err != nil {
			return fmt.Errorf("-crds %s: %w", dir, err)
		}
		files = append(files, found...)
	}
	defined := make([]*apiextensionsv1.CustomResourceDefinition, len(files))
	errs := make([]error, len(files))
	var wg sync.WaitGroup
	for i, file := range files {
		wg.Go(func() { defined[i], errs[i] = c.createCRD(ctx, file) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return c.plane.WaitFor(ctx, "the custom resources in discovery", func(context.Context) error {
		return served(c.plane.Client.Discovery(), defined)
	})
}

// createCRD sends a file as it is: the API server reads YAML.
func (c *cluster) createCRD(ctx context.Context, file string) (*apiextensionsv1.CustomResourceDefinition, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	answer, err := c.plane.Client.Discovery().RESTClient().Post().AbsPath(crdPath).
		SetHeader("Content-Type", "application/yaml").Body(content).Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	crd := &apiextensionsv1.CustomResourceDefinition{}
	return crd, json.Unmarshal(answer, crd)
}

// served returns no error once discovery lists every version of the resources
// that is to be served.
func served(d discovery.DiscoveryInterface, crds []*apiextensionsv1.CustomResourceDefinition) error {
	if len(crds) == 0 {
		return nil
	}
	_, lists, err := d.ServerGroupsAndResources()
	if err != nil {
		return err
	}
	listed := map[schema.GroupVersionResource]bool{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return err
		}
		for _, r := range list.APIResources {
			listed[gv.WithResource(r.Name)] = true
		}
	}
	for _, crd := range crds {
		for _, v := range crd.Spec.Versions {
			r := schema.GroupVersionResource{Group: crd.Spec.Group, Version: v.Name, Resource: crd.Spec.Names.Plural}
			if v.Served && !listed[r] {
				return fmt.Errorf("%s is not served yet", r)
			}
		}
	}
	return nil
}
