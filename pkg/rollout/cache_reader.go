package rollout

import (
	"cmp"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// cacheReader reads the caches of the informers for one release.
type cacheReader struct {
	name      string
	indexers  map[schema.GroupKind]cache.Indexer
	unwatched map[schema.GroupKind]bool // kinds that were listed once instead of watched
	versions  map[string]string         // by object: the oldest resource version to consider
	changed   chan struct{}

	mu       sync.Mutex
	subjects map[string]bool // UIDs whose events were read
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
		from, ok := r.versions[objref.ID(o)]
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

// events returns the events about an object. It subscribes to them before it reads
// them, so that none is missed.
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

// handler signals changes that may affect the release. Signals are not queued,
// because every evaluation reads the caches completely.
func (r *cacheReader) handler(kind schema.GroupKind) cache.ResourceEventHandler {
	observe := func(obj any) {
		if deleted, ok := obj.(cache.DeletedFinalStateUnknown); ok {
			obj = deleted.Obj
		}
		if o, ok := obj.(*unstructured.Unstructured); !ok || !r.isRelevant(kind, o) {
			return
		}
		r.signal()
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    observe,
		UpdateFunc: func(_, obj any) { observe(obj) },
		DeleteFunc: observe,
	}
}

// signal requests an evaluation.
func (r *cacheReader) signal() {
	select {
	case r.changed <- struct{}{}:
	default:
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

// sortedByName returns the objects sorted by name.
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
