package diff

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// pair is an object before and after the change; nil if it does not exist.
type pair struct{ before, after tree }

// clean returns the live and the predicted object without fields that are
// irrelevant to a change.
func clean(o dryrun.Outcome) pair {
	var p pair
	if o.Live != nil {
		p.before = dropServerFields(o.Live)
	}
	if o.Predicted != nil {
		p.after = dropServerFields(o.Predicted)
		if o.Live == nil {
			dropGenerated(p.after)
		}
	}
	return p
}

// dropServerFields copies o without the fields that only the server sets. It
// also drops the last-applied annotation of kubectl, which repeats the values
// of Secrets.
func dropServerFields(o *unstructured.Unstructured) tree {
	fields := runtime.DeepCopyJSON(o.Object)
	delete(fields, "status")
	metadata, _ := fields["metadata"].(tree)
	for _, key := range []string{"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"} {
		delete(metadata, key)
	}
	remove(metadata, "annotations", "kubectl.kubernetes.io/last-applied-configuration")
	return fields
}

// dropGenerated removes from a new object the fields that differ on each dry
// run: allocated addresses and ports, and generated labels.
func dropGenerated(fields tree) {
	spec, _ := fields["spec"].(tree)
	switch fields["kind"] {
	case "Service":
		if spec["clusterIP"] != "None" {
			delete(spec, "clusterIP")
			delete(spec, "clusterIPs")
		}
		delete(spec, "healthCheckNodePort")
		ports, _ := spec["ports"].([]any)
		for _, port := range ports {
			port, _ := port.(tree)
			delete(port, "nodePort")
		}
	case "Job":
		template, _ := spec["template"].(tree)
		metadata, _ := template["metadata"].(tree)
		selector, _ := spec["selector"].(tree)
		for _, key := range []string{"controller-uid", "batch.kubernetes.io/controller-uid"} {
			remove(metadata, "labels", key)
			remove(selector, "matchLabels", key)
		}
		if labels, _ := selector["matchLabels"].(tree); len(labels) == 0 {
			delete(spec, "selector")
		}
	}
}

// remove deletes a key of a map in fields, and the map itself if it is then
// empty.
func remove(fields tree, field, key string) {
	inner, _ := fields[field].(tree)
	if _, ok := inner[key]; !ok {
		return
	}
	inner = maps.Clone(inner)
	delete(inner, key)
	fields[field] = inner
	if len(inner) == 0 {
		delete(fields, field)
	}
}
