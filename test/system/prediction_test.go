package system_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

const (
	plainRecipe = `{"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "a:1", "recipe_container_port": "8000", "recipe_replica_count": 2,
		"recipe_readiness_probe_params": {"endpoint_path": "/ready"}, "recipe_container_env": [{"key": "A", "value": "1"}, {"key": "B", "value": "1"}],
		"pvcs": {"volumes": [{"name": "data", "mount_location": "/data", "volume_size_in_gbs": 1}]}}`
	otherRecipe = `{"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "a:2", "recipe_container_port": "8001", "recipe_host_port": "9000",
		"recipe_readiness_probe_params": {"scheme": "TCP"}, "recipe_container_env": [{"key": "C", "value": "1"}, {"key": "B", "value": "2"}],
		"recipe_nvidia_gpu_count": 1, "recipe_pod_autoscaling_params": %s}`
	scaling = `{"min_replicas": 1, "max_replicas": %d, "scaling_metric": "m", "scaling_threshold": 0.25, "scaler_type": "prometheus", "server_address": "https://p.example.com", "query": "up"}`
)

// TestPredictionIsWhatHelmMakes upgrades one recipe to another, with changes by
// others in between, and compares each object with what was predicted of it.
func TestPredictionIsWhatHelmMakes(t *testing.T) {
	t.Parallel()
	kubetest.CustomResources(t)
	scaled := func(most int) string { return fmt.Sprintf(otherRecipe, fmt.Sprintf(scaling, most)) }
	p := plugin.NewSandbox(t)
	for _, step := range []struct {
		recipe string
		count  int               // predicted objects, with those that the step deletes
		drift  map[string]string // merge patches of the resources that are there, before the upgrade
	}{
		{plainRecipe, 3, nil},
		{scaled(3), 4, map[string]string{
			"services":    `{"spec": {"sessionAffinity": "ClientIP"}, "metadata": {"labels": {"mine": "1"}}}`,
			"deployments": `{"spec": {"replicas": 5, "template": {"spec": {"priority": null, "hostname": "h"}}}, "metadata": {"annotations": {"mine": "1"}}}`,
		}},
		{scaled(4), 3, map[string]string{"scaledobjects": `{"spec": {"maxReplicaCount": 9, "cooldownPeriod": 7}}`, "deployments": `{"spec": {"replicas": 4}}`}},
		{scaled(4), 3, map[string]string{"scaledobjects": `{"spec": {"maxReplicaCount": 9}}`}},
		{plainRecipe, 4, nil},
	} {
		for resource, patch := range step.drift {
			patchObject(t, p, resource, "recipe-a", patch)
		}
		outcomes := predict(t, p, step.recipe)
		if len(outcomes) != step.count {
			t.Errorf("predicted %d objects, want %d: %v", len(outcomes), step.count, outcomes)
		}
		p.Deploy(p.Write("recipe.json", step.recipe))
		for _, o := range outcomes {
			live := live(t, p, o)
			if diff := cmp.Diff(lasting(o.Predicted), lasting(live)); diff != "" {
				t.Errorf("%s, %s (-predicted +made):\n%s", o.Object, o.Verb, diff)
			}
		}
	}
}

// predict asks the server what a recipe's objects would become.
func predict(t *testing.T, p *plugin.Sandbox, text string) []dryrun.Outcome {
	t.Helper()
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{}
	if err := json.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	manifests, err := chart.Render(values)
	if err != nil {
		t.Fatal(err)
	}
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.Namespace = &p.Kubeconfig, &p.Namespace
	releases, err := release.NewClient(flags, p.Namespace)
	if err != nil {
		t.Fatal(err)
	}
	target := dryrun.Release{Name: manifests.Name(), Namespace: p.Namespace}
	if target.Objects, err = manifests.Objects(); err != nil {
		t.Fatal(err)
	}
	if existing, err := releases.Get(target.Name); err == nil { // none at first
		target.Previous = existing.AppliedObjects()
	}
	client, mapper := kubetest.Dynamic(t)
	outcomes, err := dryrun.Run(t.Context(), client, mapper, target)
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// patchObject changes an object as somebody else would.
func patchObject(t *testing.T, p *plugin.Sandbox, resource, name, patch string) {
	t.Helper()
	client, _ := kubetest.Dynamic(t)
	groups := map[string]schema.GroupVersion{
		"services": {Version: "v1"}, "deployments": {Group: "apps", Version: "v1"}, "scaledobjects": {Group: "keda.sh", Version: "v1alpha1"},
	}
	_, err := client.Resource(groups[resource].WithResource(resource)).Namespace(p.Namespace).
		Patch(t.Context(), name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "somebody"})
	if err != nil {
		t.Fatalf("%s: %v", resource, err)
	}
}

// live returns the object of an outcome as it is now, or nil.
func live(t *testing.T, p *plugin.Sandbox, o dryrun.Outcome) *unstructured.Unstructured {
	t.Helper()
	client, mapper := kubetest.Dynamic(t)
	of := o.Predicted
	if of == nil {
		of = o.Live
	}
	gvk := of.GroupVersionKind()
	mapping, err := mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		t.Fatal(err)
	}
	live, err := client.Resource(mapping.Resource).Namespace(p.Namespace).Get(t.Context(), of.GetName(), metav1.GetOptions{})
	if err != nil && !strings.Contains(err.Error(), "not found") {
		t.Fatal(err)
	}
	if err != nil || live.GetDeletionTimestamp() != nil {
		return nil
	}
	return live
}

// lasting is what of an object controllers and the server do not change by
// themselves.
func lasting(o *unstructured.Unstructured) map[string]any {
	if o == nil {
		return nil
	}
	fields := o.DeepCopy()
	fields.SetManagedFields(nil)
	fields.SetResourceVersion("")
	fields.SetUID("")
	fields.SetGeneration(0)
	fields.SetCreationTimestamp(metav1.Time{})
	annotations := fields.GetAnnotations()
	delete(annotations, "deployment.kubernetes.io/revision")
	fields.SetAnnotations(annotations)
	unstructured.RemoveNestedField(fields.Object, "status")
	switch o.GetKind() {
	case "Service":
		for _, field := range []string{"clusterIP", "clusterIPs"} {
			unstructured.RemoveNestedField(fields.Object, "spec", field)
		}
	case "PersistentVolumeClaim":
		unstructured.RemoveNestedField(fields.Object, "spec", "volumeName")
		fields.SetAnnotations(nil)
	}
	return fields.Object
}
