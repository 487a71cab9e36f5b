package preflight

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
)

// pod is a pod template of an object.
type pod struct {
	release string
	owner   *unstructured.Unstructured
	object  string // kind/name of the owner
	part    string // which of the owner's templates, "" where it has one
	copies  int64  // how many of it the owner makes

	meta metav1.ObjectMeta
	spec corev1.PodSpec // as it is rendered

	// admitted is the spec as the server would have it, with what admission adds: a
	// ServiceAccount's pull secrets, the defaults of a LimitRange, injected
	// containers. If the server refuses the pod, it is spec with the default requests.
	admitted corev1.PodSpec
}

// podsOf returns the pod templates of objects of any kind: every spec that has
// containers.
func podsOf(objects []*unstructured.Unstructured) ([]*pod, error) {
	var all []*pod
	for _, o := range objects {
		var found []*pod
		if err := templates(o.Object, "", &found); err != nil {
			return nil, fmt.Errorf("%s: %w", shortID(o), err)
		}
		for _, p := range found {
			p.owner, p.object = o, shortID(o)
			p.copies = copies(o, p.part)
			if len(found) == 1 {
				p.part = ""
			}
			all = append(all, p)
		}
	}
	return all, nil
}

// templates collects the pod templates in an object, in alphabetical order. Key
// is the name of value, and becomes the name of the template.
func templates(value map[string]any, key string, found *[]*pod) error {
	if spec, ok := value["spec"].(map[string]any); ok && hasContainers(spec) {
		var template corev1.PodTemplateSpec
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(value, &template); err != nil {
			return err
		}
		*found = append(*found, &pod{part: key, meta: template.ObjectMeta, spec: template.Spec, admitted: withRequests(template.Spec)})
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

// withRequests returns a copy of the spec in which requests default to limits,
// as on the server.
func withRequests(spec corev1.PodSpec) corev1.PodSpec {
	spec = *spec.DeepCopy()
	for _, containers := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range containers {
			r := &containers[i].Resources
			for name, limit := range r.Limits {
				if _, set := r.Requests[name]; set {
					continue
				}
				if r.Requests == nil {
					r.Requests = corev1.ResourceList{}
				}
				r.Requests[name] = limit
			}
		}
	}
	return spec
}

func hasContainers(spec map[string]any) bool {
	containers, ok := spec["containers"].([]any)
	return ok && len(containers) > 0
}

// copies returns how many pods of one of its templates an object runs at a
// time.
func copies(o *unstructured.Unstructured, part string) int64 {
	spec := func(standard int64, path ...string) int64 {
		value, _, _ := unstructured.NestedFieldNoCopy(o.Object, append([]string{"spec"}, path...)...)
		switch n := value.(type) {
		case int64:
			return n
		case float64: // as YAML is decoded
			return int64(n)
		}
		return standard
	}
	switch o.GetKind() {
	case "Job":
		parallel := spec(1, "parallelism")
		return min(parallel, spec(parallel, "completions"))
	case "LeaderWorkerSet":
		size := spec(1, "leaderWorkerTemplate", "size")
		leader, _, _ := unstructured.NestedMap(o.Object, "spec", "leaderWorkerTemplate", "leaderTemplate")
		switch {
		case part == "leaderTemplate":
			size = 1
		case leader != nil:
			size--
		}
		return spec(1, "replicas") * size
	}
	return spec(1, "replicas")
}

// found returns a new finding about the pod.
func (p *pod) found(severity Severity, rule, where string) Finding {
	return Finding{Severity: severity, Rule: rule, Release: p.release, Object: p.object, Where: p.in(where)}
}

// in returns the position of a part of the pod.
func (p *pod) in(where string) string {
	if p.part == "" || where == "" {
		return p.part + where
	}
	return p.part + ": " + where
}

// containers returns the containers of the pod in the order in which they
// start, init containers first.
func (p *pod) containers() []corev1.Container {
	return slices.Concat(p.spec.InitContainers, p.spec.Containers)
}

// either returns own where a container is the recipe's own, and copy where it is
// one that copies data for it.
func (p *pod) either(container string, own, copy field.Path) field.Path {
	if container == cmp.Or(p.meta.Annotations[defaultContainer], p.spec.Containers[0].Name) {
		return own
	}
	return copy
}

// defaultContainer names the main container of a pod to kubectl.
const defaultContainer = "kubectl.kubernetes.io/default-container"

// shortID returns kind/name of an object.
func shortID(o *unstructured.Unstructured) string {
	return strings.ToLower(o.GetKind()) + "/" + o.GetName()
}
