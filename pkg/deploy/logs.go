package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

// LogLine is one line of a container's log, without the values of Secrets.
type LogLine struct{ Pod, Container, Text string }

// Logs reads the logs of the pods of releases.
type Logs struct {
	Cluster   *kube.Cluster
	Follow    bool                             // until the context ends, including pods that are created later
	Previous  bool                             // the run before the last restart
	Tail      int64                            // last lines per container; negative means all
	Since     time.Duration                    // 0 means all
	Container string                           // "" means all
	Print     func(LogLine) error              // receives one line at a time
	Note      func(format string, args ...any) // receives what cannot be read

	mu sync.Mutex // guards Print and Note
}

// Run prints the logs of the deployed releases among found. With Follow, it returns nil
// when ctx is done.
func (l *Logs) Run(ctx context.Context, releases *release.Client, found []Deployed) error {
	values := map[string]*releaseValues{} // by instance label
	var names, instances []string
	for _, d := range found {
		if d.Release == "" {
			continue
		}
		r, err := releases.Get(d.Release)
		if err != nil {
			return err
		}
		instance := blueprint.InstanceOf(r.Objects())
		values[instance] = valuesOf(l.Cluster, r.Objects())
		names, instances = append(names, r.Name), append(instances, instance)
	}
	ofInstances, err := labels.NewRequirement(ownership.InstanceLabel, selection.In, instances)
	if err != nil {
		return err
	}
	selector := ofInstances.String()
	list, err := l.Cluster.Core.Pods(l.Cluster.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return err
	}
	if err := l.checkContainer(list.Items); err != nil {
		return err
	}
	if l.Follow {
		return l.follow(ctx, selector, values, list.Items)
	}
	return l.printAll(ctx, names, values, list.Items)
}

// checkContainer returns an error if no pod has the container.
func (l *Logs) checkContainer(pods []corev1.Pod) error {
	if l.Container == "" || len(pods) == 0 {
		return nil
	}
	var names []string
	for i := range pods {
		for _, c := range podspec.Containers(&pods[i].Spec) {
			names = append(names, c.Name)
		}
	}
	if slices.Contains(names, l.Container) {
		return nil
	}
	slices.Sort(names)
	return fmt.Errorf("container %q not found; the containers are %s", l.Container, strings.Join(slices.Compact(names), ", "))
}

// printAll prints the logs of containers that have run, one after the other.
func (l *Logs) printAll(ctx context.Context, names []string, values map[string]*releaseValues, pods []corev1.Pod) error {
	var failed []error
	read := 0
	for i := range pods {
		pod := &pods[i]
		for _, c := range l.containers(pod) {
			if !ran(pod, c, l.Previous) {
				continue
			}
			read++
			s := &logStream{logs: l, values: values[pod.Labels[ownership.InstanceLabel]], pod: pod, container: c, tail: l.Tail}
			err := s.read(ctx)
			if errors.As(err, new(printError)) || ctx.Err() != nil {
				return err
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("pod/%s: container %s: %w", pod.Name, c, err))
			}
		}
	}
	switch {
	case read > 0:
		return errors.Join(failed...)
	case l.Previous:
		return fmt.Errorf("%s: no container was restarted", strings.Join(names, ", "))
	}
	return fmt.Errorf("%s: no container has started", strings.Join(names, ", "))
}

// containers returns the names of the containers to read, init containers first.
func (l *Logs) containers(pod *corev1.Pod) []string {
	var names []string
	for _, c := range podspec.Containers(&pod.Spec) {
		if l.Container == "" || l.Container == c.Name {
			names = append(names, c.Name)
		}
	}
	return names
}

func (l *Logs) print(line LogLine) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Print(line); err != nil {
		return printError{err}
	}
	return nil
}

// printError is an error of Print, after which nothing more is printed.
type printError struct{ error }

func (e printError) Unwrap() error { return e.error }

func (l *Logs) note(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Note(format, args...)
}

// statusOfContainer returns the status of a container, or an empty one.
func statusOfContainer(pod *corev1.Pod, container string) corev1.ContainerStatus {
	for _, s := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses, pod.Status.EphemeralContainerStatuses) {
		if s.Name == container {
			return s
		}
	}
	return corev1.ContainerStatus{}
}

// ran reports whether a container has a log, or one of a previous run.
func ran(pod *corev1.Pod, container string, previous bool) bool {
	s := statusOfContainer(pod, container)
	if previous || s.LastTerminationState.Terminated != nil {
		return s.LastTerminationState.Terminated != nil
	}
	return s.State.Running != nil || s.State.Terminated != nil
}
