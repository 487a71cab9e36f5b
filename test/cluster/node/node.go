// Package node simulates Kubernetes nodes: Node objects with GPUs, and what a
// kubelet writes about the pods bound to them, with no container behind it.
//
// Run registers a node, renews its lease and its conditions, and follows the
// pods that the scheduler binds to it. A pod goes the way a kubelet takes it: its volumes,
// its images, its init containers in order, its containers; each step is
// written to the pod's status and told in events, in the kubelet's own words.
// A missing Secret or ConfigMap, or a missing key in one, holds the pod where
// a kubelet would hold it, until it is there.
//
// What is simulated always goes well: every image can be pulled, probes pass,
// a pod that restarts for ever runs for ever, and one that does not (a Job's)
// succeeds a moment after it has started. The node serves logs and port-forward, but
// no container prints anything or listens on a port, and no address of a pod can be
// reached. Fields of a pod that only a container runtime could honor are not looked at.
//
// The exception are containers that request GPUs: Config.ModelServer is a program that
// runs in their place, with their environment. They are ready once it is healthy, and
// they are restarted when it ends.
package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/kubelet"
)

const (
	workers = 8 // pods in work at once

	// A held pod is looked at again after 100 ms, then less and less often:
	// a repair shows within two seconds.
	firstRetry = 100 * time.Millisecond
	lastRetry  = 1500 * time.Millisecond
)

// Node is one simulated node. Make it with New.
type Node struct {
	config   Config
	client   kubernetes.Interface
	recorder record.EventRecorder
	addrs    *addresses
	queue    workqueue.TypedRateLimitingInterface[cache.ObjectName]
	runs     *runs

	mu     sync.Mutex
	pods   map[cache.ObjectName]*pod
	images map[string]bool // pulled before

	returned time.Time // when the node last found itself marked as not ready
}

// New returns a node that Run brings to life.
func New(client kubernetes.Interface, c Config) (*Node, error) {
	addrs, err := newAddresses(c.PodCIDR)
	if err != nil {
		return nil, err
	}
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[cache.ObjectName](firstRetry, lastRetry)
	return &Node{
		config: c,
		client: client,
		addrs:  addrs,
		queue:  workqueue.NewTypedRateLimitingQueue(limiter),
		runs:   newRuns(),
		pods:   map[cache.ObjectName]*pod{},
		images: map[string]bool{},
	}, nil
}

// Run registers the node and looks after its pods until ctx ends.
func (n *Node) Run(ctx context.Context) error {
	api, err := kubelet.Listen(n.config.PKI, n)
	if err != nil {
		return fmt.Errorf("node %s: %w", n.config.Name, err)
	}
	if err := n.register(ctx, api.Address()); err != nil {
		return fmt.Errorf("node %s: %w", n.config.Name, err)
	}
	var stop func()
	n.recorder, stop = newRecorder(ctx, n.client, n.config.Name)
	defer stop()
	store, err := n.follow(ctx)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { n.renewLease(ctx) })
	wg.Go(func() { n.reportStatus(ctx) })
	wg.Go(func() {
		if err := api.Serve(ctx); err != nil {
			klog.ErrorS(err, "serving the API of a simulated node", "node", n.config.Name)
		}
	})
	for range workers {
		wg.Go(func() {
			for n.work(ctx, store) {
			}
		})
	}
	<-ctx.Done()
	n.queue.ShutDown()
	wg.Wait()
	n.runs.forgetAll()
	return nil
}

// follow queues every change of a pod bound to this node.
func (n *Node) follow(ctx context.Context) (cache.Store, error) {
	pods := n.client.CoreV1().Pods(corev1.NamespaceAll)
	ours := fields.OneTermEqualSelector("spec.nodeName", n.config.Name).String()
	lw := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.FieldSelector = ours
			return pods.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.FieldSelector = ours
			return pods.Watch(ctx, o)
		},
	}
	add := func(obj any) {
		if name, err := cache.DeletionHandlingObjectToName(obj); err == nil {
			n.queue.Add(name)
		}
	}
	informer := cache.NewSharedIndexInformer(cache.ToListWatcherWithWatchListSemantics(lw, n.client), &corev1.Pod{}, 0, cache.Indexers{})
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    add,
		UpdateFunc: func(_, obj any) { add(obj) },
		DeleteFunc: add,
	})
	if err != nil {
		return nil, err
	}
	go informer.RunWithContext(ctx)
	return informer.GetStore(), nil
}

// work takes one pod from the queue; false means the queue has closed.
func (n *Node) work(ctx context.Context, store cache.Store) bool {
	name, closed := n.queue.Get()
	if closed {
		return false
	}
	defer n.queue.Done(name)
	obj, exists, _ := store.GetByKey(name.String())
	if !exists {
		n.forget(name)
		n.queue.Forget(name)
		return true
	}
	p := n.known(name, obj.(*corev1.Pod))
	again, err := n.sync(ctx, p)
	switch {
	case err != nil: // told already where it matters: look again, ever less often
		n.queue.AddRateLimited(name)
	case again > 0:
		n.queue.Forget(name)
		n.queue.AddAfter(name, again)
	default:
		n.queue.Forget(name)
	}
	return true
}

// known returns what this node holds about a pod. A pod of the same name with
// another UID is a new pod.
func (n *Node) known(name cache.ObjectName, spec *corev1.Pod) *pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.pods[name]
	if p == nil || p.UID != spec.UID {
		if p != nil {
			n.addrs.release(p.UID)
			n.runs.forget(p.UID)
		}
		p = &pod{status: *spec.Status.DeepCopy(), told: map[string]time.Time{}, pulled: map[string]bool{}}
		n.pods[name] = p
	}
	p.Pod = spec
	return p
}

func (n *Node) forget(name cache.ObjectName) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.pods[name]; p != nil {
		n.addrs.release(p.UID)
		n.runs.forget(p.UID)
		delete(n.pods, name)
	}
}

// firstPull says whether the node has not pulled image before.
func (n *Node) firstPull(image string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	first := !n.images[image]
	n.images[image] = true
	return first
}

// pod is a pod and what the node remembers of it between two looks. Only the
// worker that took it from the queue touches it.
type pod struct {
	*corev1.Pod
	status corev1.PodStatus     // as last written; the watch lags behind it
	told   map[string]time.Time // when an event last told of a problem
	pulled map[string]bool      // containers whose image is there
}
