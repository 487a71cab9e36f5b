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

// upgradePatch returns the patch that Helm sends for an existing object: a three-way merge
// that removes the fields of the previous revision that are no longer wanted. See
// https://helm.sh/docs/faq/changes_since_helm2/#improved-upgrade-strategy-3-way-strategic-merge-patches.
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
