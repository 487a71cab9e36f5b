package preflight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// configMaps returns the ConfigMaps and keys that pods need and that neither
// exist nor are among the objects.
func (r *run) configMaps(ctx context.Context) ([]Finding, error) {
	keys, err := r.configMapKeys(ctx)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	missing := func(name string) bool { k, known := keys[name]; return known && k == nil }
	for _, needs := range byUse(needsOf(r.pods, podspec.ConfigMapRefs), missing) {
		n := needs[0]
		has, known := keys[n.Name]
		switch {
		case !known: // the user may not read it
		case has == nil:
			f := found(needs, "configmap-missing")
			f.What = fmt.Sprintf("ConfigMap %q not found in namespace %s", n.Name, r.Namespace)
			f.Fix.Text, f.Fix.Command = "create it", hint.Kubectl("create", "configmap", n.Name, "-n", r.Namespace, "--from-file=FILE")
			findings = append(findings, f)
		case n.Key != "" && !slices.Contains(has, n.Key):
			f := found(needs, "configmap-key-missing")
			f.What, f.Values = withoutKey(n, has), []string{n.Key, n.Name}
			f.Fix.Text = "use an existing key, or add this one"
			findings = append(findings, f)
		}
	}
	return findings, nil
}

// configMapKeys returns the keys of every ConfigMap that pods need: nil if it
// does not exist, and no entry if the user may not read it.
func (r *run) configMapKeys(ctx context.Context) (map[string][]string, error) {
	keys := map[string][]string{}
	for _, o := range r.objects() {
		if o.GetKind() == podspec.ConfigMap && o.GetAPIVersion() == "v1" {
			keys[o.GetName()] = dataKeys(o)
		}
	}
	var names []string
	for _, n := range needsOf(r.pods, podspec.ConfigMapRefs) {
		if _, rendered := keys[n.Name]; !rendered && !slices.Contains(names, n.Name) {
			names = append(names, n.Name)
		}
	}
	var mu sync.Mutex
	err := each(ctx, names, func(ctx context.Context, name string) error {
		live, err := r.Client.CoreV1().ConfigMaps(r.Namespace).Get(ctx, name, metav1.GetOptions{})
		mu.Lock()
		defer mu.Unlock()
		switch {
		case apierrors.IsNotFound(err):
			keys[name] = nil
		case err == nil:
			keys[name] = append(slices.Sorted(maps.Keys(live.Data)), slices.Sorted(maps.Keys(live.BinaryData))...)
			if keys[name] == nil {
				keys[name] = []string{}
			}
		case !r.skipped.forbids(err, "configmaps", "ConfigMaps of the pods"):
			return err
		}
		return nil
	})
	return keys, err
}

// dataKeys returns the keys of a rendered ConfigMap.
func dataKeys(o *unstructured.Unstructured) []string {
	keys := []string{}
	for _, field := range []string{"data", "binaryData"} {
		data, _, _ := unstructured.NestedMap(o.Object, field)
		keys = append(keys, slices.Sorted(maps.Keys(data))...)
	}
	return keys
}
