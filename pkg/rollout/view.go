package rollout

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// lister reads the caches for one release. Kinds that cannot be watched are empty.
type lister interface {
	// forRelease returns the objects with the release's label, sorted by name.
	forRelease(kind schema.GroupKind) []*unstructured.Unstructured
	// list returns all objects of the namespace, sorted by name. ok is false if the
	// kind cannot be watched.
	list(kind schema.GroupKind) (objects []*unstructured.Unstructured, ok bool)
	// events returns the events about the object with the UID.
	events(uid string) []event
}

// view holds the objects that belong to a release.
type view struct {
	workloads []*workloadView
	claims    []*objectView
}

// objectView is an object with its events.
type objectView struct {
	*unstructured.Unstructured
	events []event
}

// workloadView is a workload with the objects that it created.
type workloadView struct {
	object            *unstructured.Unstructured
	requireCompletion bool          // a Job is ready only when complete
	live              *objectView   // nil until it exists
	absent            bool          // the server does not have it
	forbidden         bool          // the user is not permitted to read it
	owners            []*objectView // its ReplicaSet or StatefulSets of the newest revision
	companions        []*objectView // its autoscaler and Kueue Workload
	pods              []*podView
}

// podView is a pod with its events.
type podView struct {
	*corev1.Pod
	old    bool // belongs to a previous revision, so irrelevant to the rollout
	events []event

	crashes  map[string]*crash      // by container
	progress map[string]logProgress // by container

	revision string // identifies the workload and revision
	earlier  int    // of a failed pod: number of earlier failed pods of the revision
}

// gather returns the objects that belong to target.
func gather(s lister, target Target) view {
	var v view
	pods := s.forRelease(podKind)
	for _, o := range target.Objects {
		if !IsWorkload(o) {
			continue
		}
		w := &workloadView{object: o, requireCompletion: target.RequireCompletion, absent: target.absent[objref.ID(o)], forbidden: target.forbidden[objref.ID(o)]}
		for _, live := range s.forRelease(o.GroupVersionKind().GroupKind()) {
			if live.GetName() == o.GetName() {
				w.live = &objectView{live, s.events(string(live.GetUID()))}
			}
		}
		if w.live != nil {
			newest := w.addOwners(s)
			w.addPods(s, pods, newest)
			w.addCompanions(s, target)
		}
		v.workloads = append(v.workloads, w)
	}
	v.addClaims(s, target)
	return v
}

// addPods adds the pods that the workload owns.
func (w *workloadView) addPods(s lister, pods []*unstructured.Unstructured, newest func(*corev1.Pod) bool) {
	for _, o := range pods {
		var pod corev1.Pod
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &pod) != nil || !w.owns(&pod) {
			continue
		}
		w.pods = append(w.pods, &podView{Pod: &pod, events: s.events(string(pod.UID))})
	}
	if newest == nil {
		newest = w.byNewestPod()
	}
	for _, p := range w.pods {
		p.old = !newest(p.Pod)
		p.revision = strings.Join([]string{string(w.live.GetUID()), p.Labels[podTemplateHash], p.Labels[controllerRevision], p.Labels[lwsRevision]}, " ")
	}
	slices.SortStableFunc(w.pods, func(a, b *podView) int { return cmp.Compare(rank(a), rank(b)) })
}

// rank sorts pods of previous revisions last.
func rank(p *podView) int {
	if p.old || p.DeletionTimestamp != nil {
		return 1
	}
	return 0
}

// addCompanions adds the objects that control the workload: KEDA's ScaledObject with
// its HorizontalPodAutoscaler, and Kueue's Workload.
func (w *workloadView) addCompanions(s lister, target Target) {
	add := func(o *unstructured.Unstructured) {
		w.companions = append(w.companions, &objectView{o, s.events(string(o.GetUID()))})
	}
	queue, _ := s.list(queued)
	for _, o := range queue {
		if ownedBy(o, w.live.GetUID()) {
			add(o)
		}
	}
	autoscalers, _ := s.list(autoscaler)
	for _, scaled := range s.forRelease(scaledObject) {
		name, _, _ := unstructured.NestedString(scaled.Object, "spec", "scaleTargetRef", "name")
		if name != w.object.GetName() || !slices.ContainsFunc(target.Objects, func(o *unstructured.Unstructured) bool { return objref.ID(o) == objref.ID(scaled) }) {
			continue
		}
		add(scaled)
		for _, o := range autoscalers {
			if ownedBy(o, scaled.GetUID()) {
				add(o)
			}
		}
	}
}

// addClaims adds the claims of the release and those that its pods use.
func (v *view) addClaims(s lister, target Target) {
	wanted := map[string]bool{}
	for _, o := range target.Objects {
		if o.GroupVersionKind().GroupKind() == claimKind {
			wanted[o.GetName()] = true
		}
	}
	for _, w := range v.workloads {
		for _, p := range w.pods {
			if p.old {
				continue
			}
			for _, volume := range p.Spec.Volumes {
				switch {
				case volume.PersistentVolumeClaim != nil:
					wanted[volume.PersistentVolumeClaim.ClaimName] = true
				case volume.Ephemeral != nil:
					wanted[p.Name+"-"+volume.Name] = true
				}
			}
		}
	}
	claims, _ := s.list(claimKind)
	for _, o := range claims {
		if wanted[o.GetName()] {
			v.claims = append(v.claims, &objectView{o, s.events(string(o.GetUID()))})
		}
	}
}

func ownedBy(o metav1.Object, uid any) bool {
	return slices.ContainsFunc(o.GetOwnerReferences(), func(r metav1.OwnerReference) bool { return r.UID == uid })
}
