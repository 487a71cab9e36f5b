package release

import (
	"slices"

	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// Objects decodes the manifest that was applied last, in its order. A document
// that is no object, which only somebody else's chart could hold, is left out.
func (r *Release) Objects() []*unstructured.Unstructured {
	documents := releaseutil.SplitManifests(r.Manifest)
	keys := make([]string, 0, len(documents))
	for key := range documents {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if releaseutil.BySplitManifestsOrder([]string{a, b}).Less(0, 1) {
			return -1
		}
		return 1
	})
	var objects []*unstructured.Unstructured
	for _, key := range keys {
		o := &unstructured.Unstructured{}
		data, err := yaml.YAMLToJSON([]byte(documents[key] + "\n")) // which may end a text
		if err == nil && o.UnmarshalJSON(data) == nil {
			objects = append(objects, o)
		}
	}
	return objects
}
