package preflight

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// pod is what an object makes pods of.
type pod struct {
	object string // kind/name
	part   string // which of the object's templates, "" where it has one
	spec   corev1.PodSpec
}

// podsOf finds the pod templates of objects of any kind: wherever a spec has
// containers in it.
func podsOf(objects []*unstructured.Unstructured) ([]pod, error) {
	var all []pod
	for _, o := range objects {
		var found []pod
		if err := templates(o.Object, "", &found); err != nil {
			return nil, fmt.Errorf("%s: %w", shortID(o), err)
		}
		for _, p := range found {
			p.object = shortID(o)
			if len(found) == 1 {
				p.part = ""
			}
			all = append(all, p)
		}
	}
	return all, nil
}

// templates goes through an object, in alphabetical order. Key is the name of
// value, which is that of the template.
func templates(value map[string]any, key string, found *[]pod) error {
	if spec, ok := value["spec"].(map[string]any); ok && hasContainers(spec) {
		p := pod{part: key}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(spec, &p.spec); err != nil {
			return err
		}
		*found = append(*found, p)
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(value)) {
		if inner, ok := value[name].(map[string]any); ok {
			if err := templates(inner, name, found); err != nil {
				return err
			}
		}
	}
	return nil
}

func hasContainers(spec map[string]any) bool {
	containers, ok := spec["containers"].([]any)
	return ok && len(containers) > 0
}

// in says where something of the pod is.
func (p pod) in(where string) string {
	if p.part == "" {
		return where
	}
	return p.part + ": " + where
}

// containers returns those of the pod, init containers first, as they start.
func (p pod) containers() []corev1.Container {
	return slices.Concat(p.spec.InitContainers, p.spec.Containers)
}

// shortID names an object as people do: kind/name.
func shortID(o *unstructured.Unstructured) string {
	return strings.ToLower(o.GetKind()) + "/" + o.GetName()
}
