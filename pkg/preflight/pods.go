package preflight

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// pod is a pod template of an object.
type pod struct {
	release string
	owner   *unstructured.Unstructured
	object  string // ID of the owner
	part    string // which of the owner's templates, "" if it has only one
	copies  int64  // number of pods that the owner creates from the template

	meta metav1.ObjectMeta
	spec corev1.PodSpec // as rendered

	// admitted is the spec after admission, which adds the pull secrets of the
	// ServiceAccount, the defaults of LimitRanges, and injected containers. If the server
	// rejects the pod, it is spec with the default requests.
	admitted corev1.PodSpec
}

// podsOf returns the pod templates of objects.
func podsOf(objects []*unstructured.Unstructured) ([]*pod, error) {
	var all []*pod
	for _, o := range objects {
		pods, err := podspec.Of(o)
		if err != nil {
			return nil, err
		}
		for _, t := range pods.Templates {
			all = append(all, &pod{
				owner: o, object: objref.ID(o), part: t.Role, copies: pods.Replicas * t.Count,
				meta: t.ObjectMeta, spec: t.Spec, admitted: withRequests(t.Spec),
			})
		}
	}
	return all, nil
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

// either returns own for the recipe's own container, and copy for containers that copy
// data for it.
func (p *pod) either(container string, own, copy field.Path) field.Path {
	if container == podspec.DefaultContainer(p.meta.Annotations, &p.spec) {
		return own
	}
	return copy
}
