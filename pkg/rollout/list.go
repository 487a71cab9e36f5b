package rollout

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
)

// isUnreadable reports whether objects of a kind cannot be read: the API or the
// permission is missing.
func isUnreadable(err error) bool {
	return meta.IsNoMatchError(err) || apierrors.IsForbidden(err) || apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err)
}

// list lists the objects of a kind that cannot be watched. If the kind cannot be
// listed either, it notes what is not shown.
func (t *release) list(ctx context.Context, n watchedKind) error {
	mapping, err := t.mapper.RESTMapping(n.kind)
	if err == nil {
		var found *unstructured.UnstructuredList
		found, err = t.client.Resource(mapping.Resource).Namespace(t.namespace).List(ctx, metav1.ListOptions{LabelSelector: labelSelector(n.kind, t.label)})
		if err == nil {
			t.reader.add(n.kind, t.label, found.Items...)
			return nil
		}
	}
	if !isUnreadable(err) {
		return fmt.Errorf("cannot list %s: %w", n.kind, err)
	}
	if n.purpose != "" { // workloads are read by name, and report it themselves
		t.note("cannot show %s: %v", n.purpose, err)
	}
	return nil
}

// add stores listed objects of a kind without an informer.
func (r *cacheReader) add(kind schema.GroupKind, label string, all ...unstructured.Unstructured) {
	indexer, ok := r.indexers[kind]
	if ok && !r.unwatched[kind] {
		return
	}
	if !ok {
		indexer = cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers(label))
		r.indexers[kind], r.unwatched[kind] = indexer, true
	}
	for i := range all {
		_ = indexer.Add(&all[i]) // fails only for an object without a name
	}
}
