package e2e

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// patience bounds every wait. It is far more than a wait takes, so that a busy
// machine fails no test.
const patience = 2 * time.Minute

// observer watches a namespace beside the plugin, to know what happened when.
type observer struct {
	mu       sync.Mutex
	facts    []fact
	wanted   map[string]string // fixtures, with patterns of the facts that they show
	captured map[string][]any
	waiting  sync.WaitGroup
	lane     *lane
}

// fact is something that the API server said about an object.
type fact struct {
	at   time.Time
	text string
}

// observe starts to watch. captures are the facts upon whose first appearance
// what the API server says is kept, and the names to keep it under.
func (l *lane) observe(captures map[string]string) *observer {
	l.t.Helper()
	o := &observer{wanted: map[string]string{}, captured: map[string][]any{}, lane: l}
	if *update {
		maps.Copy(o.wanted, captures)
	}
	factory := informers.NewSharedInformerFactoryWithOptions(kubetest.Client(l.t), 0, informers.WithNamespace(l.namespace))
	for _, informer := range []cache.SharedIndexInformer{
		factory.Core().V1().Pods().Informer(), factory.Core().V1().Events().Informer(), factory.Batch().V1().Jobs().Informer(),
	} {
		if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    o.note,
			UpdateFunc: func(_, now any) { o.note(now) },
		}); err != nil {
			l.t.Fatal(err)
		}
	}
	factory.StartWithContext(l.t.Context())
	factory.WaitForCacheSync(l.t.Context().Done())
	return o
}

// note records the facts about an object that are new.
func (o *observer) note(object any) {
	now := time.Now()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, text := range factsOf(object) {
		if o.knows(text) {
			continue
		}
		o.facts = append(o.facts, fact{now, text})
		for name, pattern := range o.wanted {
			if _, ok := o.captured[name]; !ok && matches(text, pattern) {
				o.captured[name] = nil // soon
				o.waiting.Go(func() { o.capture(name, object) })
			}
		}
	}
}

// matches reports whether a fact begins as the pattern says.
func matches(text, pattern string) bool { return regexp.MustCompile("^" + pattern).MatchString(text) }

func (o *observer) knows(text string) bool {
	for _, f := range o.facts {
		if f.text == text {
			return true
		}
	}
	return false
}

// happened returns when a fact first appeared, which it waits for.
func (o *observer) happened(t *testing.T, pattern string) time.Time {
	t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		o.mu.Lock()
		for _, f := range o.facts {
			if matches(f.text, pattern) {
				o.mu.Unlock()
				return f.at
			}
		}
		o.mu.Unlock()
	}
	t.Fatalf("did not happen: %s\nbut:\n%s", pattern, o)
	return time.Time{}
}

func (o *observer) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	var all strings.Builder
	for _, f := range o.facts {
		fmt.Fprintf(&all, "%s %s\n", f.at.Format("05.000"), f.text)
	}
	return all.String()
}

// factsOf words what is worth to be known of an object.
func factsOf(object any) []string {
	var facts []string
	add := func(format string, args ...any) { facts = append(facts, fmt.Sprintf(format, args...)) }
	switch o := object.(type) {
	case *corev1.Event:
		add("event %s: %s [%s]", o.Reason, o.Message, o.InvolvedObject.Name)
		if o.Count > 1 {
			add("event %d times %s: %s", o.Count, o.Reason, o.Message)
		}
	case *batchv1.Job:
		for _, c := range o.Status.Conditions {
			add("job %s %s %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
	case *corev1.Pod:
		for _, c := range o.Status.Conditions {
			add("condition %s %s %s: %s", c.Type, c.Status, c.Reason, c.Message)
		}
		for _, c := range o.Status.ContainerStatuses {
			if c.State.Running != nil {
				add("running %s", c.ContainerID)
			}
			if s := c.State.Waiting; s != nil {
				add("waiting %s: %s", s.Reason, s.Message)
			}
			for _, s := range []*corev1.ContainerStateTerminated{c.State.Terminated, c.LastTerminationState.Terminated} {
				if s != nil {
					add("terminated %s %d: %s", s.Reason, s.ExitCode, s.Message)
				}
			}
		}
	}
	return facts
}
