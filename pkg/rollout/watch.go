// Package rollout follows the objects of a release until they work, until one
// has failed for good or until the time is up, and reports every change of a
// workload or a pod as it happens, in the words of the scheduler and the
// kubelet.
//
// It watches instead of polling, and it knows no recipe: readiness is kstatus'
// judgement of the live objects.
package rollout

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
)

// Target is what to watch: the objects of one release.
type Target struct {
	Namespace string
	Selector  string // label selector that every object and pod of the release carries
	Objects   []*unstructured.Unstructured
}

// ErrFailed says that an object has failed for good.
var ErrFailed = errors.New("rollout failed")

// Watch returns nil once every workload of the target is ready. report gets one
// line for each change, never the same one twice in a row for one object. When
// ctx ends first, the error says what was still missing.
func Watch(ctx context.Context, client dynamic.Interface, mapper meta.RESTMapper, target Target, report func(line string)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, target.Namespace,
		func(o *metav1.ListOptions) { o.LabelSelector = target.Selector })
	changed, refused := make(chan struct{}, 1), make(chan error, 1)
	w := &watch{target: target, report: report, last: map[string]string{}}
	for _, resource := range append(workloadKinds(target.Objects), podKind) {
		mapping, err := mapper.RESTMapping(resource)
		if err != nil {
			return fmt.Errorf("watching %s: %w", resource, err)
		}
		informer := factory.ForResource(mapping.Resource).Informer()
		if _, err := informer.AddEventHandler(signal(changed)); err != nil {
			return fmt.Errorf("watching %s: %w", resource, err)
		}
		if err := informer.SetWatchErrorHandlerWithContext(refusal(refused)); err != nil {
			return fmt.Errorf("watching %s: %w", resource, err)
		}
		w.stores = append(w.stores, informer.GetStore())
	}
	factory.Start(ctx.Done())
	synced, end := context.WithCancel(ctx)
	go func() {
		defer end()
		factory.WaitForCacheSync(ctx.Done())
	}()
	select {
	case <-synced.Done():
	case err := <-refused:
		return err
	}
	for {
		if done, err := w.look(); done || err != nil {
			return err
		}
		select {
		case <-changed:
		case err := <-refused:
			return err
		case <-ctx.Done():
			return w.unfinished(ctx)
		}
	}
}

var podKind = schema.GroupKind{Kind: "Pod"}

// signal tells changed about every event; a change that is already signalled
// needs no second signal, because each look reads the whole stores.
func signal(changed chan<- struct{}) cache.ResourceEventHandler {
	tell := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { tell() },
		UpdateFunc: func(any, any) { tell() },
		DeleteFunc: func(any) { tell() },
	}
}

// refusal passes on that the user may not watch, which no retry changes. Other
// errors of a watch are retried, without the noise of client-go's own handler.
func refusal(refused chan<- error) cache.WatchErrorHandlerWithContext {
	return func(_ context.Context, _ *cache.Reflector, err error) {
		if !apierrors.IsForbidden(err) {
			return
		}
		select {
		case refused <- fmt.Errorf("installed, but not watched: %w; without that right, deploy with --wait=false", err):
		default:
		}
	}
}

// IsWorkload reports whether o runs pods, so that its status tells whether the
// release works. A Service or a ConfigMap is ready once it exists.
func IsWorkload(o *unstructured.Unstructured) bool {
	group := o.GroupVersionKind().Group
	return group == "apps" || group == "batch"
}

// workloadKinds returns the distinct kinds of the workloads among objects.
func workloadKinds(objects []*unstructured.Unstructured) []schema.GroupKind {
	var kinds []schema.GroupKind
	for _, o := range objects {
		if gk := o.GroupVersionKind().GroupKind(); IsWorkload(o) && !slices.Contains(kinds, gk) {
			kinds = append(kinds, gk)
		}
	}
	return kinds
}

type watch struct {
	target Target
	report func(string)
	stores []cache.Store // of the workload kinds, then of the pods
	last   map[string]string
	seen   map[string]bool // in the present look
}

// look judges the present state. It reports what changed since the last look.
func (w *watch) look() (done bool, err error) {
	workloads, pods := w.stores[:len(w.stores)-1], w.stores[len(w.stores)-1]
	w.seen = map[string]bool{}
	defer func() { // what is gone is waited for no longer
		maps.DeleteFunc(w.last, func(name, _ string) bool { return !w.seen[name] })
	}()
	for _, pod := range sorted(pods) {
		w.tell("pod/"+pod.GetName(), podLine(pod))
	}
	ready := 0
	for _, store := range workloads {
		for _, live := range sorted(store) {
			if !w.wanted(live) {
				continue
			}
			result, err := status.Compute(live)
			if err != nil {
				return false, fmt.Errorf("judging %s: %w", id(live), err)
			}
			if result.Status == status.FailedStatus {
				return false, fmt.Errorf("%w: %s: %s", ErrFailed, id(live), result.Message)
			}
			line := workloadLine(live, result)
			w.tell(id(live), line)
			if line == readyLine {
				ready++
			}
		}
	}
	return ready == w.workloads(), nil
}

// wanted reports whether live belongs to the target: after an upgrade, an
// object of the revision before may live on for a moment.
func (w *watch) wanted(live *unstructured.Unstructured) bool {
	return slices.ContainsFunc(w.target.Objects, func(o *unstructured.Unstructured) bool { return id(o) == id(live) })
}

func (w *watch) workloads() int {
	n := 0
	for _, o := range w.target.Objects {
		if IsWorkload(o) {
			n++
		}
	}
	return n
}

func (w *watch) tell(name, line string) {
	w.seen[name] = true
	if line != "" && w.last[name] != line {
		w.last[name] = line
		w.report(name + ": " + line)
	}
}

// unfinished words the end of ctx: what each object that is not ready waits for.
func (w *watch) unfinished(ctx context.Context) error {
	why := "timed out"
	if errors.Is(context.Cause(ctx), context.Canceled) {
		why = "interrupted"
	}
	var waiting []string
	for name, line := range w.last {
		if line != readyLine && line != completedLine {
			waiting = append(waiting, "\n  "+name+": "+line)
		}
	}
	slices.Sort(waiting)
	return fmt.Errorf("%s, still waiting for:%s", why, strings.Join(waiting, ""))
}
