package conformance_test

import (
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// wants is what objects refer to and do not bring themselves.
type wants struct {
	secrets      map[string][]string // keys by name
	claims       []string
	classes      []string
	runtimes     []string // RuntimeClasses
	queues       []string
	nodeSelector map[string]string
	apart        []map[string]string // selectors of members of a group that no node of nodeSelector has
}

const queueLabel = "kueue.x-k8s.io/queue-name"

func newWants(t *testing.T, objects []*unstructured.Unstructured) *wants {
	t.Helper()
	w := &wants{secrets: map[string][]string{}, nodeSelector: map[string]string{}}
	for _, o := range objects {
		for _, template := range podTemplates(t, o) {
			w.pod(template)
		}
		if queue := o.GetLabels()[queueLabel]; queue != "" {
			w.queues = append(w.queues, queue)
		}
		if o.GetKind() == "PersistentVolumeClaim" {
			class, _, _ := unstructured.NestedString(o.Object, "spec", "storageClassName")
			w.class(class)
		}
	}
	for _, o := range objects {
		switch o.GetKind() {
		case "Secret":
			delete(w.secrets, o.GetName())
		case "PersistentVolumeClaim":
			w.claims = slices.DeleteFunc(w.claims, func(name string) bool { return name == o.GetName() })
		}
	}
	return w
}

// podTemplates are the specs of the pods that a workload makes.
func podTemplates(t *testing.T, o *unstructured.Unstructured) []corev1.PodSpec {
	t.Helper()
	paths := [][]string{
		{"spec", "template", "spec"},
		{"spec", "leaderWorkerTemplate", "leaderTemplate", "spec"},
		{"spec", "leaderWorkerTemplate", "workerTemplate", "spec"},
	}
	var specs []corev1.PodSpec
	for _, path := range paths {
		raw, ok, _ := unstructured.NestedMap(o.Object, path...)
		if !ok || !runs(o) {
			continue
		}
		var spec corev1.PodSpec
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(raw, &spec); err != nil {
			t.Fatalf("%s: %v", title(o), err)
		}
		specs = append(specs, spec)
	}
	return specs
}

// selector notes what labels a node has to have.
func (w *wants) selector(labels map[string]string) {
	for key, value := range labels {
		if other, ok := w.nodeSelector[key]; ok && other != value {
			w.apart = append(w.apart, labels)
			return
		}
	}
	maps.Copy(w.nodeSelector, labels)
}

func (w *wants) pod(spec corev1.PodSpec) {
	w.selector(spec.NodeSelector)
	if name := spec.RuntimeClassName; name != nil && !slices.Contains(w.runtimes, *name) {
		w.runtimes = append(w.runtimes, *name)
	}
	for _, ref := range spec.ImagePullSecrets {
		w.secret(ref.Name)
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		for _, from := range c.EnvFrom {
			if from.SecretRef != nil {
				w.secret(from.SecretRef.Name)
			}
		}
		for _, env := range c.Env {
			if env.ValueFrom != nil && env.ValueFrom.SecretKeyRef != nil {
				w.secret(env.ValueFrom.SecretKeyRef.Name, env.ValueFrom.SecretKeyRef.Key)
			}
		}
	}
	for _, v := range spec.Volumes {
		w.volume(v)
	}
}

func (w *wants) volume(v corev1.Volume) {
	switch {
	case v.Secret != nil:
		w.secret(v.Secret.SecretName)
		for _, item := range v.Secret.Items {
			w.secret(v.Secret.SecretName, item.Key)
		}
	case v.Projected != nil:
		for _, source := range v.Projected.Sources {
			if source.Secret != nil {
				w.secret(source.Secret.Name)
			}
		}
	case v.PersistentVolumeClaim != nil:
		if name := v.PersistentVolumeClaim.ClaimName; !slices.Contains(w.claims, name) {
			w.claims = append(w.claims, name)
		}
	case v.Ephemeral != nil:
		if class := v.Ephemeral.VolumeClaimTemplate.Spec.StorageClassName; class != nil {
			w.class(*class)
		}
	}
}

func (w *wants) secret(name string, keys ...string) {
	w.secrets[name] = append(w.secrets[name], keys...)
}

func (w *wants) class(name string) {
	if name != "" && name != defaultClass && !slices.Contains(w.classes, name) {
		w.classes = append(w.classes, name)
	}
}
