package rollout

import (
	"cmp"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
)

// cacheReader are the stores of the informers, as one release sees them.
type cacheReader struct {
	name      string
	indexers  map[schema.GroupKind]cache.Indexer
	unwatched map[schema.GroupKind]bool // of which kinds objects were read, and are not watched
	versions  map[string]string         // of an object: from which resource version on it counts
	changed   chan struct{}

	mu       sync.Mutex
	subjects map[string]bool // UIDs whose events were asked for
}

var _ lister = (*cacheReader)(nil)

func newCacheReader(name string) *cacheReader {
	return &cacheReader{
		name: name, indexers: map[schema.GroupKind]cache.Indexer{}, unwatched: map[schema.GroupKind]bool{}, versions: map[string]string{},
		changed: make(chan struct{}, 1), subjects: map[string]bool{},
	}
}

func (r *cacheReader) forRelease(kind schema.GroupKind) []*unstructured.Unstructured {
	indexer, ok := r.indexers[kind]
	if !ok {
		return nil
	}
	items, _ := indexer.ByIndex(byRelease, r.name)
	return slices.DeleteFunc(sortedByName(items), func(o *unstructured.Unstructured) bool {
		from, ok := r.versions[id(o)]
		return ok && compareVersions(o.GetResourceVersion(), from) < 0
	})
}

func (r *cacheReader) list(kind schema.GroupKind) ([]*unstructured.Unstructured, bool) {
	indexer, ok := r.indexers[kind]
	if !ok {
		return nil, false
	}
	return sortedByName(indexer.List()), true
}

// events says before it reads them that they are of interest, so that none is missed.
func (r *cacheReader) events(uid string) []event {
	r.mu.Lock()
	r.subjects[uid] = true
	r.mu.Unlock()
	indexer, ok := r.indexers[eventKind]
	if !ok {
		return nil
	}
	items, _ := indexer.ByIndex(byObject, uid)
	return decodeEvents(items)
}

// handler signals what may concern the release. A change that is already
// signalled needs no second signal, as each look reads the whole stores.
func (r *cacheReader) handler(kind schema.GroupKind) cache.ResourceEventHandler {
	tell := func(obj any) {
		if gone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
			obj = gone.Obj
		}
		if o, ok := obj.(*unstructured.Unstructured); !ok || !r.isRelevant(kind, o) {
			return
		}
		select {
		case r.changed <- struct{}{}:
		default:
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    tell,
		UpdateFunc: func(_, obj any) { tell(obj) },
		DeleteFunc: tell,
	}
}

func (r *cacheReader) isRelevant(kind schema.GroupKind, o *unstructured.Unstructured) bool {
	if kind == eventKind {
		uid, _, _ := unstructured.NestedString(o.Object, "involvedObject", "uid")
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.subjects[uid]
	}
	if labelSelector(kind, "label") == "" {
		return true
	}
	for _, value := range o.GetLabels() {
		if value == r.name {
			return true
		}
	}
	return false
}

// sortedByName are the objects in the order of their names.
func sortedByName(items []any) []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	for _, item := range items {
		if o, ok := item.(*unstructured.Unstructured); ok {
			objects = append(objects, o)
		}
	}
	slices.SortFunc(objects, func(a, b *unstructured.Unstructured) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return objects
}
