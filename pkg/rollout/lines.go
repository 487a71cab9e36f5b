package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
)

// The lines of what needs no further wait.
const (
	readyLine     = "ready"
	completedLine = "completed"
)

// id names an object as kubectl does: kind/name.
func id(o *unstructured.Unstructured) string {
	return strings.ToLower(o.GetKind()) + "/" + o.GetName()
}

func sorted(store cache.Store) []*unstructured.Unstructured {
	var objects []*unstructured.Unstructured
	for _, item := range store.List() {
		if o, ok := item.(*unstructured.Unstructured); ok {
			objects = append(objects, o)
		}
	}
	slices.SortFunc(objects, func(a, b *unstructured.Unstructured) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return objects
}

// workloadLine is readyLine or what is still missing. To kstatus a Job is
// current as soon as it has started; here it works once a pod of it runs.
func workloadLine(live *unstructured.Unstructured, r *status.Result) string {
	if r.Status != status.CurrentStatus {
		if refused := replicaFailure(live); refused != "" {
			return refused
		}
		return r.Message
	}
	if live.GetKind() == "Job" {
		ready, _, _ := unstructured.NestedInt64(live.Object, "status", "ready")
		succeeded, _, _ := unstructured.NestedInt64(live.Object, "status", "succeeded")
		if ready+succeeded == 0 {
			return "no pod runs yet"
		}
	}
	return readyLine
}

// replicaFailure returns why no pod of live can be created: quota, a LimitRange,
// Pod Security or another admission's words.
func replicaFailure(live *unstructured.Unstructured) string {
	conditions, _, _ := unstructured.NestedSlice(live.Object, "status", "conditions")
	for _, c := range conditions {
		condition, _ := c.(map[string]any)
		if condition["type"] == "ReplicaFailure" && condition["status"] == "True" {
			return fmt.Sprintf("%v: %v", condition["reason"], condition["message"])
		}
	}
	return ""
}

// podLine says in one line how a pod is: the first container that can't go on,
// with the kubelet's reason and message, or what the pod waits for.
func podLine(o *unstructured.Unstructured) string {
	var pod corev1.Pod
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &pod); err != nil {
		return ""
	}
	switch {
	case pod.DeletionTimestamp != nil:
		return "terminating"
	case pod.Status.Phase == corev1.PodSucceeded:
		return completedLine
	case pod.Spec.NodeName == "":
		return unscheduled(&pod)
	}
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if line := containerLine(c); line != "" {
			return line
		}
	}
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue {
			return readyLine
		}
	}
	if pod.Status.Phase == corev1.PodRunning {
		return "running on " + pod.Spec.NodeName + ", not ready yet"
	}
	return "scheduled on " + pod.Spec.NodeName
}

func unscheduled(pod *corev1.Pod) string {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return fmt.Sprintf("%s: %s", c.Reason, c.Message)
		}
	}
	return "" // the scheduler has not looked at it yet
}

// containerLine is empty for a container that runs, or that has done its work.
func containerLine(c corev1.ContainerStatus) string {
	switch {
	case c.State.Waiting != nil && c.State.Waiting.Message != "":
		return fmt.Sprintf("container %s: %s: %s", c.Name, c.State.Waiting.Reason, c.State.Waiting.Message)
	case c.State.Waiting != nil && c.State.Waiting.Reason != "PodInitializing" && c.State.Waiting.Reason != "ContainerCreating":
		return fmt.Sprintf("container %s: %s", c.Name, c.State.Waiting.Reason)
	case c.State.Terminated != nil && c.State.Terminated.ExitCode != 0:
		return fmt.Sprintf("container %s: %s, exit code %d", c.Name, c.State.Terminated.Reason, c.State.Terminated.ExitCode)
	}
	return ""
}
