package deploy

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// The delays before the log of a container that has ended is read again.
const (
	minLogDelay = 500 * time.Millisecond
	maxLogDelay = 5 * time.Second
)

// logFollower follows the logs of all containers of the pods that it sees.
type logFollower struct {
	logs    *Logs
	values  map[string]*releaseValues // by instance label
	tailed  map[types.UID]bool        // pods that existed at the start, of which Tail lines are printed
	started map[containerKey]bool
	pods    cache.Store
	group   sync.WaitGroup
	stop    context.CancelCauseFunc
}

type containerKey struct {
	pod  types.UID
	name string
}

// follow prints the logs of pods as they are written, until ctx is done. It watches
// the pods for replacements.
func (l *Logs) follow(ctx context.Context, selector string, values map[string]*releaseValues, existing []corev1.Pod) error {
	inner, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	f := &logFollower{logs: l, values: values, tailed: map[types.UID]bool{}, started: map[containerKey]bool{}, stop: stop}
	for i := range existing {
		f.tailed[existing[i].UID] = true
	}
	if len(existing) == 0 {
		l.note("waiting for pods")
	}
	pods := l.Cluster.Core.Pods(l.Cluster.Namespace)
	informer := cache.NewSharedInformer(&cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			o.LabelSelector = selector
			return pods.List(ctx, o)
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (watch.Interface, error) {
			o.LabelSelector = selector
			return pods.Watch(ctx, o)
		},
	}, &corev1.Pod{}, 0)
	f.pods = informer.GetStore()
	_ = informer.SetWatchErrorHandlerWithContext(func(_ context.Context, _ *cache.Reflector, err error) {
		if apierrors.IsForbidden(err) { // anything else may pass
			stop(err)
		}
	})
	see := func(o any) {
		if pod, ok := o.(*corev1.Pod); ok {
			f.see(inner, pod)
		}
	}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{AddFunc: see, UpdateFunc: func(_, o any) { see(o) }})
	if err != nil {
		return err
	}
	informer.RunWithContext(inner)
	f.group.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(inner)
}

// see starts to follow the containers of a pod that have started since the last call.
func (f *logFollower) see(ctx context.Context, pod *corev1.Pod) {
	for _, c := range f.logs.containers(pod) {
		key := containerKey{pod.UID, c}
		if f.started[key] || !ran(pod, c, false) {
			continue
		}
		f.started[key] = true
		s := &logStream{logs: f.logs, values: f.values[pod.Labels[ownership.InstanceLabel]], pod: pod, container: c, tail: -1}
		if f.tailed[pod.UID] {
			s.tail = f.logs.Tail
		}
		f.group.Go(func() { f.run(ctx, s) })
	}
}

// run follows one container across its restarts, until its last run has ended.
func (f *logFollower) run(ctx context.Context, s *logStream) {
	noted, delay := "", minLogDelay
	for {
		last, before := ended(f.latest(s.pod), s.container), s.lines
		err := s.read(ctx)
		switch {
		case ctx.Err() != nil, last && err == nil, f.latest(s.pod) == nil:
			return
		case errors.As(err, new(printError)):
			f.stop(err)
			return
		case err != nil && err.Error() != noted:
			noted = err.Error()
			f.logs.note("pod/%s: container %s: could not read the log, retrying: %s", s.pod.Name, s.container, noted)
		}
		if s.lines > before {
			delay = minLogDelay
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
		delay = min(2*delay, maxLogDelay)
	}
}

// latest returns the current state of a pod, or nil if it was deleted.
func (f *logFollower) latest(pod *corev1.Pod) *corev1.Pod {
	o, found, err := f.pods.GetByKey(pod.Namespace + "/" + pod.Name)
	if now, ok := o.(*corev1.Pod); err == nil && found && ok && now.UID == pod.UID {
		return now
	}
	return nil
}

// ended reports whether a container has terminated and is not restarted.
func ended(pod *corev1.Pod, container string) bool {
	if pod == nil || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return true
	}
	terminated := statusOfContainer(pod, container).State.Terminated
	if terminated == nil {
		return false
	}
	policy := pod.Spec.RestartPolicy
	if i := slices.IndexFunc(pod.Spec.InitContainers, func(c corev1.Container) bool { return c.Name == container }); i >= 0 {
		if podspec.IsSidecar(pod.Spec.InitContainers[i]) {
			return false
		}
		return terminated.ExitCode == 0 || policy == corev1.RestartPolicyNever
	}
	return policy == corev1.RestartPolicyNever || policy == corev1.RestartPolicyOnFailure && terminated.ExitCode == 0
}
