package release

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// maxBlockers is how many blockers of one object are named.
const maxBlockers = 3

// builtInFinalizers are finalizers behind which Kubernetes itself waits for other objects.
var builtInFinalizers = []string{metav1.FinalizerDeleteDependents, metav1.FinalizerOrphanDependents, "kubernetes.io/pvc-protection", "batch.kubernetes.io/job-tracking"}

// blocker is one reason why an object that is being deleted is still there.
type blocker struct {
	name string    // without its age, so that it is the same as long as the reason is
	node string    // condition of the pod's node, "" if that is ready or not known
	at   time.Time // since when the node is so
	hint hint.Hint
}

func (b blocker) String() string {
	switch {
	case b.node == "":
		return b.name
	case b.at.IsZero():
		return fmt.Sprintf("%s (%s)", b.name, b.node)
	}
	return fmt.Sprintf("%s (%s for %s)", b.name, b.node, duration.HumanDuration(time.Since(b.at)))
}

// waitingFor returns a phrase that names the blockers, or "" if there are none.
func waitingFor(all []blocker) string {
	if len(all) == 0 {
		return ""
	}
	var names []string
	for _, b := range all[:min(len(all), maxBlockers)] {
		names = append(names, b.String())
	}
	if more := len(all) - maxBlockers; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return "waiting for " + strings.Join(names, ", ")
}

// blockers returns what keeps an object that is being deleted. What the user has
// no permission to read is left out.
func (c *Client) blockers(ctx context.Context, live *unstructured.Unstructured) []blocker {
	var all []blocker
	for _, name := range live.GetFinalizers() {
		if !slices.Contains(builtInFinalizers, name) {
			all = append(all, blocker{name: "finalizer " + name, hint: hint.Hint{Text: fmt.Sprintf("check the controller that removes finalizer %s from %s", name, objref.ID(live))}})
		}
	}
	return append(all, c.blockingPods(ctx, live)...)
}

// blockingPods returns the pods that a workload still has, or that use a claim.
func (c *Client) blockingPods(ctx context.Context, live *unstructured.Unstructured) []blocker {
	var selector, claim string
	switch gvk := live.GroupVersionKind(); {
	case isVolume(live):
		claim = live.GetName()
	case slices.Contains([]string{"apps", "batch", "leaderworkerset.x-k8s.io"}, gvk.Group) && live.GetLabels()[ownership.InstanceLabel] != "":
		selector = ownership.InstanceLabel + "=" + live.GetLabels()[ownership.InstanceLabel]
	default:
		return nil
	}
	found, err := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Namespace(c.namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil
	}
	var all []blocker
	for i := range found.Items {
		var pod corev1.Pod
		if runtime.DefaultUnstructuredConverter.FromUnstructured(found.Items[i].Object, &pod) != nil || claim != "" && !uses(&pod, claim) {
			continue
		}
		all = append(all, c.blockingPod(ctx, &pod))
	}
	return all
}

// uses reports whether a pod keeps a claim in use.
func uses(pod *corev1.Pod, claim string) bool {
	ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	return !ended && slices.ContainsFunc(pod.Spec.Volumes, func(v corev1.Volume) bool {
		return v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == claim
	})
}

func (c *Client) blockingPod(ctx context.Context, pod *corev1.Pod) blocker {
	b := blocker{name: "pod " + pod.Name}
	for _, name := range pod.Finalizers {
		if !slices.Contains(builtInFinalizers, name) {
			b.name += ", which has finalizer " + name + ","
			b.hint = hint.Hint{Text: fmt.Sprintf("check the controller that removes finalizer %s from pod %s", name, pod.Name)}
		}
	}
	if pod.Spec.NodeName == "" {
		return b
	}
	b.name += " on node " + pod.Spec.NodeName
	if b.node, b.at = c.nodeCondition(ctx, pod.Spec.NodeName); b.node != "" {
		b.hint = hint.Hint{
			Text:    fmt.Sprintf("if node %s will not come back, ask an administrator to delete it, or delete the pod without waiting for the node", pod.Spec.NodeName),
			Command: hint.Kubectl("delete", "pod", "-n", pod.Namespace, pod.Name, "--grace-period=0", "--force"),
		}
	}
	return b
}

// nodeCondition returns why pods do not end on a node, and since when. It returns "" if
// the node is ready or the user may not read it.
func (c *Client) nodeCondition(ctx context.Context, name string) (string, time.Time) {
	found, err := c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: "nodes"}).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return "which does not exist", time.Time{}
	}
	var node corev1.Node
	if err != nil || runtime.DefaultUnstructuredConverter.FromUnstructured(found.Object, &node) != nil {
		return "", time.Time{}
	}
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
			return "NotReady", condition.LastTransitionTime.Time
		}
	}
	return "", time.Time{}
}

// Deleting returns a line for each object of the release that is being deleted,
// with what keeps it.
func (c *Client) Deleting(ctx context.Context, r *Release) []string {
	var lines []string
	for _, o := range r.Objects() {
		live, err := c.live(ctx, o)
		if err != nil || live.GetDeletionTimestamp() == nil {
			continue
		}
		line := fmt.Sprintf("%s: being deleted for %s", objref.ID(o), duration.HumanDuration(time.Since(live.GetDeletionTimestamp().Time)))
		if why := waitingFor(c.blockers(ctx, live)); why != "" {
			line += ", " + why
		}
		lines = append(lines, line)
	}
	return lines
}

func (c *Client) live(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	r := &run{Client: c, objects: c.dynamic}
	resource, err := r.resource(o)
	if err != nil {
		return nil, err
	}
	return resource.Get(ctx, o.GetName(), metav1.GetOptions{})
}
