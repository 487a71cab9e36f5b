package rollout

import (
	"cmp"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"
)

// sources are the stores of the informers, as one release sees them.
type sources struct {
	name     string
	indexers map[schema.GroupKind]cache.Indexer
	kept     map[schema.GroupKind]bool // of which kinds objects were read, and are not watched
	versions map[string]string         // of an object: from which resource version on it counts
	changed  chan struct{}

	mu    sync.Mutex
	known map[string]bool // UIDs whose events were asked for
}

var _ stores = (*sources)(nil)

func newSources(name string) *sources {
	return &sources{
		name: name, indexers: map[schema.GroupKind]cache.Indexer{}, kept: map[schema.GroupKind]bool{}, versions: map[string]string{},
		changed: make(chan struct{}, 1), known: map[string]bool{},
	}
}

func (s *sources) mine(kind schema.GroupKind) []*unstructured.Unstructured {
	indexer, ok := s.indexers[kind]
	if !ok {
		return nil
	}
	items, _ := indexer.ByIndex(byRelease, s.name)
	return slices.DeleteFunc(sorted(items), func(o *unstructured.Unstructured) bool {
		from, ok := s.versions[id(o)]
		return ok && compareVersions(o.GetResourceVersion(), from) < 0
	})
}

func (s *sources) all(kind schema.GroupKind) ([]*unstructured.Unstructured, bool) {
	indexer, ok := s.indexers[kind]
	if !ok {
		return nil, false
	}
	return sorted(indexer.List()), true
}

// events says before it reads them that they are of interest, so that none is missed.
func (s *sources) events(uid string) []event {
	s.mu.Lock()
	s.known[uid] = true
	s.mu.Unlock()
	indexer, ok := s.indexers[eventKind]
	if !ok {
		return nil
	}
	items, _ := indexer.ByIndex(byObject, uid)
	return decodeEvents(items)
}

// handler signals what may concern the release. A change that is already
// signalled needs no second signal, as each look reads the whole stores.
func (s *sources) handler(kind schema.GroupKind) cache.ResourceEventHandler {
	tell := func(obj any) {
		if gone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
			obj = gone.Obj
		}
		if o, ok := obj.(*unstructured.Unstructured); !ok || !s.concerns(kind, o) {
			return
		}
		select {
		case s.changed <- struct{}{}:
		default:
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    tell,
		UpdateFunc: func(_, obj any) { tell(obj) },
		DeleteFunc: tell,
	}
}

func (s *sources) concerns(kind schema.GroupKind, o *unstructured.Unstructured) bool {
	if kind == eventKind {
		uid, _, _ := unstructured.NestedString(o.Object, "involvedObject", "uid")
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.known[uid]
	}
	if labelled(kind, "label") == "" {
		return true
	}
	for _, value := range o.GetLabels() {
		if value == s.name {
			return true
		}
	}
	return false
}

// sorted are the objects in the order of their names.
func sorted(items []any) []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	for _, item := range items {
		if o, ok := item.(*unstructured.Unstructured); ok {
			objects = append(objects, o)
		}
	}
	slices.SortFunc(objects, func(a, b *unstructured.Unstructured) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return objects
}
