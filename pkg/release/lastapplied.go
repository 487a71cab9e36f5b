package release

import (
	"encoding/json"

	"helm.sh/helm/v3/pkg/kube"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
)

// lastApplied is what Helm compares the wanted objects with, one by one, to see
// which fields are to go: of each all that any revision since the deployed one
// has set, since a killed run may have sent it. Helm itself knows one revision.
func (r *run) lastApplied(target kube.ResourceList) kube.ResourceList {
	before := map[string]*unstructured.Unstructured{}
	for _, o := range appliedObjects(sinceDeployed(r.past)) {
		before[id(o)] = o
	}
	list := deepCopy(target) // nothing goes from what no revision had
	for i, o := range unstructuredOf(target) {
		if was := before[id(o)]; was != nil {
			list[i].Object = was
		}
	}
	return list
}

// merge lays one state of an object over another, so that it has the fields of
// both. Where that can't be told, the newer one stands alone.
func merge(below, above *unstructured.Unstructured) *unstructured.Unstructured {
	typed, err := scheme.Scheme.New(above.GroupVersionKind())
	if err != nil || below.GroupVersionKind() != above.GroupVersionKind() { // a custom resource: a list is one value
		return &unstructured.Unstructured{Object: mergeMaps(below.Object, above.Object)}
	}
	under, err := json.Marshal(below)
	if err != nil {
		return above
	}
	over, err := json.Marshal(above)
	if err != nil {
		return above
	}
	both, err := strategicpatch.StrategicMergePatch(under, over, typed)
	merged := &unstructured.Unstructured{}
	if err != nil || merged.UnmarshalJSON(both) != nil {
		return above
	}
	return merged
}

func mergeMaps(below, above map[string]any) map[string]any {
	merged := runtime.DeepCopyJSON(below)
	for key, value := range above {
		under, ok := merged[key].(map[string]any)
		over, also := value.(map[string]any)
		if ok && also {
			value = mergeMaps(under, over)
		}
		merged[key] = value
	}
	return merged
}
