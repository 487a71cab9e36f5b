package dryrun

import (
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"k8s.io/client-go/kubernetes/scheme"
)

// upgradePatch is the patch that Helm sends for an object that is there: a
// three-way merge of what the last revision had, what is wanted and what is
// live, so that what the last revision had and this one has not goes away.
func upgradePatch(previous, wanted, live *unstructured.Unstructured) (types.PatchType, []byte, error) {
	if previous == nil {
		previous = wanted
	}
	was, err := json.Marshal(previous)
	if err != nil {
		return "", nil, err
	}
	want, err := json.Marshal(wanted)
	if err != nil {
		return "", nil, err
	}
	is, err := json.Marshal(live)
	if err != nil {
		return "", nil, err
	}
	typed, err := scheme.Scheme.New(wanted.GroupVersionKind())
	if runtime.IsNotRegisteredError(err) { // a custom resource
		patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch(was, want, is)
		return types.MergePatchType, patch, err
	}
	if err != nil {
		return "", nil, err
	}
	fields, err := strategicpatch.NewPatchMetaFromStruct(typed)
	if err != nil {
		return "", nil, err
	}
	patch, err := strategicpatch.CreateThreeWayMergePatch(was, want, is, fields, true)
	return types.StrategicMergePatchType, patch, err
}
