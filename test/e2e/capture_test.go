package e2e

import (
	"context"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// captured are the kinds that a fixture has beside the pod and its events.
var captured = []schema.GroupVersionResource{
	{Group: "apps", Version: "v1", Resource: "deployments"},
	{Group: "apps", Version: "v1", Resource: "replicasets"},
	{Group: "batch", Version: "v1", Resource: "jobs"},
	{Version: "v1", Resource: "persistentvolumeclaims"},
}

// settling is how long events take that belong to a change of a pod.
const settling = 700 * time.Millisecond

// capture keeps the namespace as the API server tells it: the very pod that
// showed the fact, if it was one, and the rest a moment later.
func (o *observer) capture(name string, object any) {
	time.Sleep(settling)
	client, _ := kubetest.Dynamic(o.lane.t)
	var items []any
	list := func(resource schema.GroupVersionResource) []any {
		found, err := client.Resource(resource).Namespace(o.lane.namespace).List(context.Background(), metav1.ListOptions{})
		if err != nil {
			o.lane.t.Error(err)
			return nil
		}
		var all []any
		for _, item := range found.Items {
			all = append(all, item.Object)
		}
		return all
	}
	for _, resource := range captured {
		items = append(items, list(resource)...)
	}
	if pod, ok := object.(*corev1.Pod); ok {
		items = append(items, asJSON(pod))
	} else {
		items = append(items, list(corev1.SchemeGroupVersion.WithResource("pods"))...)
	}
	events := list(corev1.SchemeGroupVersion.WithResource("events"))
	slices.SortFunc(events, func(a, b any) int { return strings.Compare(firstSaid(a), firstSaid(b)) })
	o.mu.Lock()
	defer o.mu.Unlock()
	o.captured[name] = append(items, events...)
}

// firstSaid is the time in an event's name, as it comes from its maker: in hex,
// since 1970, as long for all.
func firstSaid(event any) string {
	u := unstructured.Unstructured{Object: event.(object)}
	return u.GetName()[strings.LastIndex(u.GetName(), ".")+1:]
}

// asJSON gives a pod of an informer its kind back.
func asJSON(pod *corev1.Pod) object {
	pod = pod.DeepCopy()
	kinds, _, err := scheme.Scheme.ObjectKinds(pod)
	if err != nil {
		panic(err) // a pod is in the scheme
	}
	pod.GetObjectKind().SetGroupVersionKind(kinds[0])
	o, err := runtime.DefaultUnstructuredConverter.ToUnstructured(pod)
	if err != nil {
		panic(err) // it came from JSON
	}
	return o
}
