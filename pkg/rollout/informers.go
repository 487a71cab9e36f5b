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

// The indexes by which a release finds its own among the objects of a namespace.
const (
	byRelease = "release" // a label's value
	byObject  = "object"  // of an event: the UID of what it is about
)

// informer is an informer of one kind in the namespace.
type informer struct {
	shared cache.SharedIndexInformer
	stop   context.CancelFunc
	failed chan struct{} // closed when the user may not watch; then err says so
	once   sync.Once
	err    error

	forbidden time.Time // since when the server says so; of the goroutine that asks
}

// fail says that the user may not watch.
func (f *informer) fail(err error) {
	f.once.Do(func() {
		f.err = err
		close(f.failed)
		f.stop()
	})
}

// informer returns the one feed of a kind, which it starts when it is first needed.
func (w *Watcher) informer(kind schema.GroupKind) (*informer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f, ok := w.informers[kind]; ok {
		return f, nil
	}
	mapping, err := w.mapper.RESTMapping(kind)
	if err != nil {
		return nil, fmt.Errorf("watching %s: %w", kind, err)
	}
	ctx, stop := context.WithCancel(w.ctx)
	f := &informer{stop: stop, failed: make(chan struct{})}
	lw := w.listWatch(w.client.Resource(mapping.Resource).Namespace(w.namespace), labelSelector(kind, w.label), f)
	f.shared = cache.NewSharedIndexInformer(cache.ToListWatcherWithWatchListSemantics(lw, w.client), &unstructured.Unstructured{}, 0, indexers(w.label))
	if err := f.shared.SetTransform(withoutManagedFields); err != nil {
		return nil, err
	}
	// Errors are told by listWatch; client-go's own handler would write to the log.
	if err := f.shared.SetWatchErrorHandlerWithContext(func(context.Context, *cache.Reflector, error) {}); err != nil {
		return nil, err
	}
	w.informers[kind] = f
	w.running.Go(func() { f.shared.RunWithContext(ctx) })
	return f, nil
}

// labelSelector selects the objects of releases where they all carry the label. The
// events do not, and what other controllers make may not.
func labelSelector(kind schema.GroupKind, label string) string {
	switch kind {
	case podKind, deployment, replicaSet, job, leaderWorkerSet, scaledObject:
		return label
	}
	return ""
}

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

func withoutManagedFields(obj any) (any, error) {
	if o, err := meta.Accessor(obj); err == nil {
		o.SetManagedFields(nil)
	}
	return obj, nil
}

// listWatch lists and watches a resource, and tells how each request went: an
// informer itself says nothing of a connection that it tries again.
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

// observe looks at how one request of a feed went. Only before the first list a
// refusal is final.
func (w *Watcher) observe(f *informer, err error) {
	if !f.shared.HasSynced() && w.isPermanent(f, err) {
		f.fail(err)
		w.connection.remove(f)
		return
	}
	w.connection.record(f, err)
}

// isPermanent reports whether err will be the same the next time: a server that has
// just started knows no rights yet, for a while.
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
