package release

import (
	"slices"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// Objects decodes the applied manifest, in its order. It skips documents that are not
// objects with a name, which only foreign charts contain.
func (r *Release) Objects() []*unstructured.Unstructured { return objects(r.Manifest) }

func objects(manifest string) []*unstructured.Unstructured {
	documents := releaseutil.SplitManifests(manifest)
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
		data, err := yaml.YAMLToJSON([]byte(documents[key] + "\n")) // the last line of a block scalar may need it
		if err == nil && o.UnmarshalJSON(data) == nil && o.GetName() != "" {
			objects = append(objects, o)
		}
	}
	return objects
}

// sinceDeployed returns the revisions that may have objects in the cluster, oldest first:
// the last deployed one and all later ones.
func sinceDeployed(past []*release.Release) []*release.Release {
	for i, r := range slices.Backward(past) {
		if r.Info.Status == release.StatusDeployed {
			return past[i:]
		}
	}
	return past
}

// appliedObjects returns the objects of revisions, each with the union of its fields: what
// may be in the cluster after a run was killed.
func appliedObjects(revisions []*release.Release) []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	at := map[string]int{}
	for _, revision := range revisions {
		for _, o := range objects(revision.Manifest) {
			if i, ok := at[objref.ID(o)]; ok {
				all[i] = merge(all[i], o)
			} else {
				at[objref.ID(o)] = len(all)
				all = append(all, o)
			}
		}
	}
	return all
}

// subtract returns the objects in all that are not in others.
func subtract(all, others []*unstructured.Unstructured) []*unstructured.Unstructured {
	ids := map[string]bool{}
	for _, o := range others {
		ids[objref.ID(o)] = true
	}
	return slices.DeleteFunc(slices.Clone(all), func(o *unstructured.Unstructured) bool { return ids[objref.ID(o)] })
}
