package diff

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// pair is an object before and after a deploy; nil if it does not exist.
type pair struct{ before, after tree }

// clean returns the object before and after without the fields that the server sets.
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

// dropServerFields copies o without the fields that the server sets, and without kubectl's
// copy of an earlier state, which also contains the values of Secrets.
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

// dropGenerated removes the fields of a new object that every dry run generates, such as
// its UID.
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

// remove deletes a key of a map in fields, and the map if it is empty then.
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
