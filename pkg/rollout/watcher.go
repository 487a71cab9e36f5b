package rollout

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/klog/v2"
)

// Watcher watches any number of releases in one namespace. They share informers, which
// start on first use. Callers must call Close.
type Watcher struct {
	client    dynamic.Interface
	mapper    meta.RESTMapper
	pods      corev1client.PodInterface
	namespace string
	label     string
	flags     []string

	ctx        context.Context // of the informers, which outlive a watch
	stop       context.CancelFunc
	running    sync.WaitGroup
	connection connection

	mu        sync.Mutex
	informers map[schema.GroupKind]*informer
}

// Clients holds the clients of a Watcher.
type Clients struct {
	Dynamic dynamic.Interface
	Mapper  meta.RESTMapper
	Pods    corev1client.PodsGetter // for their logs
	// Flags select the same cluster in suggested kubectl commands. They are empty for
	// the current context.
	Flags []string
}

// NewWatcher returns a Watcher for releases whose objects have their name as the value
// of label.
func NewWatcher(clients Clients, namespace, label string) *Watcher {
	quiet := klog.NewContext(context.Background(), klog.Logger{}) // relevant errors become notes
	ctx, stop := context.WithCancel(quiet)
	return &Watcher{
		client: clients.Dynamic, mapper: clients.Mapper, pods: clients.Pods.Pods(namespace),
		namespace: namespace, label: label, flags: clients.Flags,
		ctx: ctx, stop: stop,
		connection: connection{failed: map[*informer]error{}, subscribers: map[chan<- string]bool{}},
		informers:  map[schema.GroupKind]*informer{},
	}
}

// Close stops the informers and waits until they have ended.
func (w *Watcher) Close() {
	w.stop()
	w.running.Wait()
}
