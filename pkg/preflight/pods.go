package preflight

import (
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// podSpecs finds every pod in an object, whatever kind of workload it is: a
// pod's specification is the one thing that has a list of containers.
func podSpecs(o *unstructured.Unstructured) ([]*corev1.PodSpec, error) {
	var specs []*corev1.PodSpec
	var search func(value any) error
	search = func(value any) error {
		fields, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		if _, found := fields["containers"].([]any); found {
			spec := &corev1.PodSpec{}
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(fields, spec); err != nil {
				return fmt.Errorf("%s: reading its pod: %w", id(o), err)
			}
			specs = append(specs, spec)
			return nil
		}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if err := search(fields[key]); err != nil {
				return err
			}
		}
		return nil
	}
	return specs, search(o.Object["spec"])
}

// need is one Secret, or one key of it, that a pod does not start without.
type need struct {
	place, secret string
	key           string // empty where the Secret is enough
	pull          bool   // for pulling images
}

func needs(spec *corev1.PodSpec) []need {
	var all []need
	for _, pull := range spec.ImagePullSecrets {
		all = append(all, need{place: "imagePullSecrets", secret: pull.Name, pull: true})
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, from := range c.EnvFrom {
			if ref := from.SecretRef; ref != nil && !isTrue(ref.Optional) {
				all = append(all, need{place: "container " + c.Name + ": envFrom", secret: ref.Name})
			}
		}
		for _, env := range c.Env {
			if env.ValueFrom == nil || env.ValueFrom.SecretKeyRef == nil || isTrue(env.ValueFrom.SecretKeyRef.Optional) {
				continue
			}
			ref := env.ValueFrom.SecretKeyRef
			all = append(all, need{place: "container " + c.Name + ": env " + env.Name, secret: ref.Name, key: ref.Key})
		}
	}
	for _, v := range spec.Volumes {
		if v.Secret == nil || isTrue(v.Secret.Optional) {
			continue
		}
		all = append(all, need{place: "volume " + v.Name, secret: v.Secret.SecretName})
		for _, item := range v.Secret.Items {
			all = append(all, need{place: "volume " + v.Name, secret: v.Secret.SecretName, key: item.Key})
		}
	}
	return all
}

func isTrue(b *bool) bool { return b != nil && *b }
