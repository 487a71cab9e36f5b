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

// Watcher watches one namespace for any number of releases in it. Informers are
// shared, and start when a release first needs them. Close it.
type Watcher struct {
	client    dynamic.Interface
	mapper    meta.RESTMapper
	pods      corev1client.PodInterface
	namespace string
	label     string
	flags     []string

	ctx        context.Context // of the informers, which outlive a single watch
	stop       context.CancelFunc
	running    sync.WaitGroup
	connection connection

	mu        sync.Mutex
	informers map[schema.GroupKind]*informer
}

// Clients are what a Watcher talks to the cluster with.
type Clients struct {
	Dynamic dynamic.Interface
	Mapper  meta.RESTMapper
	Pods    corev1client.PodsGetter // for their logs
	// Flags are those by which kubectl is to find the same cluster, for the
	// commands of an advice: "" where it finds it anyway, else with a space at the
	// end.
	Flags []string
}

// NewWatcher returns a Watcher of releases whose objects carry their name as
// the value of label.
func NewWatcher(clients Clients, namespace, label string) *Watcher {
	quiet := klog.NewContext(context.Background(), klog.Logger{}) // what matters of it is told as a note
	ctx, stop := context.WithCancel(quiet)
	return &Watcher{
		client: clients.Dynamic, mapper: clients.Mapper, pods: clients.Pods.Pods(namespace),
		namespace: namespace, label: label, flags: clients.Flags,
		ctx: ctx, stop: stop,
		connection: connection{failed: map[*informer]error{}, subscribers: map[chan<- string]bool{}},
		informers:  map[schema.GroupKind]*informer{},
	}
}

// Close ends the informers.
func (w *Watcher) Close() {
	w.stop()
	w.running.Wait()
}
