package rollout

import (
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// The labels and annotations that controllers use for revisions.
const (
	deploymentRevision = "deployment.kubernetes.io/revision"
	podTemplateHash    = "pod-template-hash"
	controllerRevision = "controller-revision-hash"
	lwsName            = "leaderworkerset.sigs.k8s.io/name"
	lwsRevision        = "leaderworkerset.sigs.k8s.io/template-revision-hash"
)

// owns reports whether the workload created the pod, directly or through an owner.
func (w *workloadView) owns(pod *corev1.Pod) bool {
	if w.live.GroupVersionKind().GroupKind() == leaderWorkerSet { // the StatefulSet of workers belongs to their leader pod
		return pod.Labels[lwsName] == w.live.GetName()
	}
	owner := metav1.GetControllerOf(pod)
	if owner == nil {
		return false
	}
	if owner.Kind == replicaSet.Kind { // which may not be readable, but its name is known
		return strings.TrimSuffix(owner.Name, "-"+pod.Labels[podTemplateHash]) == w.live.GetName() && w.live.GetKind() == deployment.Kind
	}
	return owner.UID == w.live.GetUID()
}

// addOwners adds the objects that create the workload's pods. It returns a function
// that reports whether a pod has the newest revision, or nil if that is not known.
func (w *workloadView) addOwners(s lister) (newest func(*corev1.Pod) bool) {
	switch w.live.GroupVersionKind().GroupKind() {
	case deployment:
		return w.addReplicaSet(s)
	case statefulSet:
		revision, _, _ := unstructured.NestedString(w.live.Object, "status", "updateRevision")
		observed := w.generationObserved()
		return func(pod *corev1.Pod) bool { return observed && pod.Labels[controllerRevision] == revision }
	case leaderWorkerSet:
		return w.addStatefulSets(s)
	}
	return func(*corev1.Pod) bool { return true } // a Job has one revision
}

func (w *workloadView) addReplicaSet(s lister) func(*corev1.Pod) bool {
	if _, ok := s.list(replicaSet); !ok {
		return nil
	}
	for _, set := range s.forRelease(replicaSet) {
		revision := set.GetAnnotations()[deploymentRevision]
		if ownedBy(set, w.live.GetUID()) && w.generationObserved() && revision == w.live.GetAnnotations()[deploymentRevision] {
			w.owners = append(w.owners, &objectView{set, s.events(string(set.GetUID()))})
			return func(pod *corev1.Pod) bool { return ownedBy(pod, set.GetUID()) }
		}
	}
	return w.byTemplate(s)
}

// byTemplate detects pods of the newest revision by the pod template of their
// ReplicaSet. It is used before the controller updates the Deployment: pods may be seen
// earlier, even before their ReplicaSet. Older ReplicaSets were in the first list.
func (w *workloadView) byTemplate(s lister) func(*corev1.Pod) bool {
	older := map[types.UID]bool{}
	for _, set := range s.forRelease(replicaSet) {
		older[set.GetUID()] = !reflect.DeepEqual(templateOf(set), templateOf(w.live.Unstructured))
	}
	return func(pod *corev1.Pod) bool {
		owner := metav1.GetControllerOf(pod)
		return owner != nil && !older[owner.UID]
	}
}

// templateOf returns the pod template without the label pod-template-hash, which the
// controller adds.
func templateOf(o *unstructured.Unstructured) map[string]any {
	template, _, _ := unstructured.NestedMap(o.Object, "spec", "template")
	unstructured.RemoveNestedField(template, "metadata", "labels", podTemplateHash)
	return template
}

// addStatefulSets adds the StatefulSets of the leaders and of their workers.
func (w *workloadView) addStatefulSets(s lister) func(*corev1.Pod) bool {
	sets, ok := s.list(statefulSet)
	revision := ""
	for _, set := range sets {
		if set.GetLabels()[lwsName] != w.live.GetName() {
			continue
		}
		w.owners = append(w.owners, &objectView{set, s.events(string(set.GetUID()))})
		if set.GetName() == w.live.GetName() {
			revision = set.GetLabels()[lwsRevision]
		}
	}
	return func(pod *corev1.Pod) bool { return !ok || pod.Labels[lwsRevision] == revision }
}

// byNewestPod selects the revision of the newest pod, for users who may not read
// ReplicaSets.
func (w *workloadView) byNewestPod() func(*corev1.Pod) bool {
	var youngest *corev1.Pod
	for _, p := range w.pods {
		if youngest == nil || youngest.CreationTimestamp.Before(&p.CreationTimestamp) {
			youngest = p.Pod
		}
	}
	return func(pod *corev1.Pod) bool { return pod.Labels[podTemplateHash] == youngest.Labels[podTemplateHash] }
}

// generationObserved reports whether the workload's controller has seen its newest spec.
func (w *workloadView) generationObserved() bool {
	seen, _, _ := unstructured.NestedInt64(w.live.Object, "status", "observedGeneration")
	return seen >= w.live.GetGeneration()
}
