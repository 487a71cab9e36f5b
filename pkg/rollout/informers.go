package rollout

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/cache"
)

// The indexes by which a release finds its objects in a namespace.
const (
	byRelease = "release" // the value of the label
	byObject  = "object"  // the UID of an event's object
)

// informer watches one kind in the namespace.
type informer struct {
	shared cache.SharedIndexInformer
	stop   context.CancelFunc
	failed chan struct{} // closed if the kind cannot be watched; err is then set
	once   sync.Once
	err    error

	forbidden time.Time // time of the first Forbidden; used by the informer's goroutine only
}

// fail stops the informer: the kind cannot be watched.
func (f *informer) fail(err error) {
	f.once.Do(func() {
		f.err = err
		close(f.failed)
		f.stop()
	})
}

// informer returns the shared informer of a kind, and starts it on first use. It
// returns an error if the cluster does not serve the kind.
func (w *Watcher) informer(kind schema.GroupKind) (*informer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f, ok := w.informers[kind]; ok {
		return f, nil
	}
	mapping, err := w.mapper.RESTMapping(kind)
	if err != nil {
		return nil, fmt.Errorf("cannot watch %s: %w", kind, err)
	}
	ctx, stop := context.WithCancel(w.ctx)
	f := &informer{stop: stop, failed: make(chan struct{})}
	lw := w.listWatch(w.client.Resource(mapping.Resource).Namespace(w.namespace), labelSelector(kind, w.label), f)
	f.shared = cache.NewSharedIndexInformer(cache.ToListWatcherWithWatchListSemantics(lw, w.client), &unstructured.Unstructured{}, 0, indexers(w.label))
	if err := f.shared.SetTransform(withoutManagedFields); err != nil {
		return nil, err
	}
	// listWatch reports errors; client-go's default handler would log them.
	if err := f.shared.SetWatchErrorHandlerWithContext(func(context.Context, *cache.Reflector, error) {}); err != nil {
		return nil, err
	}
	w.informers[kind] = f
	w.running.Go(func() { f.shared.RunWithContext(ctx) })
	return f, nil
}

// labelSelector returns a selector of the objects of releases, for kinds that always
// have the label. Events do not have it; objects of other controllers may not.
func labelSelector(kind schema.GroupKind, label string) string {
	switch kind {
	case podKind, deployment, replicaSet, job, leaderWorkerSet, scaledObject:
		return label
	}
	return ""
}

// indexers returns the indexes byRelease and byObject.
func indexers(label string) cache.Indexers {
	return cache.Indexers{
		byRelease: func(obj any) ([]string, error) {
			if o, ok := obj.(*unstructured.Unstructured); ok && o.GetLabels()[label] != "" {
				return []string{o.GetLabels()[label]}, nil
			}
			return nil, nil
		},
		byObject: func(obj any) ([]string, error) {
			if o, ok := obj.(*unstructured.Unstructured); ok {
				if uid, _, _ := unstructured.NestedString(o.Object, "involvedObject", "uid"); uid != "" {
					return []string{uid}, nil
				}
			}
			return nil, nil
		},
	}
}

// withoutManagedFields removes the managed fields, to save memory.
func withoutManagedFields(obj any) (any, error) {
	if o, err := meta.Accessor(obj); err == nil {
		o.SetManagedFields(nil)
	}
	return obj, nil
}

// listWatch lists and watches a resource, and passes the result of every request to
// observe. An informer's own error handler does not suffice: it is not called when
// the connection is refused, nor when a request succeeds again.
func (w *Watcher) listWatch(resource dynamic.ResourceInterface, selector string, f *informer) *cache.ListWatch {
	return &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.LabelSelector = selector
			list, err := resource.List(ctx, o)
			w.observe(f, err)
			return list, err
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.LabelSelector = selector
			events, err := resource.Watch(ctx, o)
			w.observe(f, err)
			return events, err
		},
	}
}

// observe handles the result of an informer's request. Errors can be permanent only
// before the first list succeeds.
func (w *Watcher) observe(f *informer, err error) {
	if !f.shared.HasSynced() && w.isPermanent(f, err) {
		f.fail(err)
		w.connection.remove(f)
		return
	}
	w.connection.record(f, err)
}

// isPermanent reports whether retrying is pointless. Forbidden is retried for
// rbacWarmup, because a starting server has not read its roles.
func (w *Watcher) isPermanent(f *informer, err error) bool {
	if !apierrors.IsForbidden(err) {
		return apierrors.IsMethodNotSupported(err) || apierrors.IsNotFound(err)
	}
	if f.forbidden.IsZero() {
		f.forbidden = time.Now()
	}
	unread := strings.Contains(err.Error(), "RBAC: ") || w.connection.starting()
	return !unread || time.Since(f.forbidden) > rbacWarmup
}
