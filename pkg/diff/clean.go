package diff

import (
	"maps"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// pair is an object before and after; nil where there is none.
type pair struct{ before, after tree }

// clean takes from the objects what says nothing about a change.
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

// dropServerFields copies o without what the server keeps of it for itself, and
// without kubectl's copy of an earlier state, which has the values of Secrets,
// too.
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

// dropGenerated takes from a new object what each dry run makes up anew.
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

// remove deletes a key of a map in fields, and the map where nothing is left.
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
