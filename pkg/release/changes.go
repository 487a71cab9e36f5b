package release

import (
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Changes tells in which objects r differs from the revision before, which may
// be nil: +kind/name for one that it adds, - for one that it drops, ~ for one
// that it changes. No value is told.
func (r *Release) Changes(before *Release) []string {
	was := map[string]*unstructured.Unstructured{}
	var dropped []*unstructured.Unstructured
	if before != nil {
		dropped = before.Objects()
	}
	for _, o := range dropped {
		was[id(o)] = o
	}
	changes := []string{}
	for _, o := range r.Objects() {
		switch old, ok := was[id(o)]; {
		case !ok:
			changes = append(changes, "+"+id(o))
		case !equality.Semantic.DeepEqual(old.Object, o.Object):
			changes = append(changes, "~"+id(o))
		}
	}
	for _, o := range subtract(dropped, r.Objects()) {
		changes = append(changes, "-"+id(o))
	}
	return changes
}
