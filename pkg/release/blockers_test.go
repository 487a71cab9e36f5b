package release_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// blocked is a chart of a Deployment without pods of its own, and of a claim.
func blocked() *chart.Chart {
	const template = `apiVersion: apps/v1
kind: Deployment
metadata: {name: blocked, labels: {app.kubernetes.io/instance: blocked}}
spec:
  replicas: 0
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: a}]}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: blocked}
spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}
`
	return &chart.Chart{
		Metadata:  &chart.Metadata{APIVersion: "v2", Name: "blueprint", Version: "0.1.0"},
		Templates: []*chart.File{{Name: "templates/a.yaml", Data: []byte(template)}},
	}
}

// deadNode is a node whose kubelet has stopped, and on which nothing is scheduled.
func deadNode(t *testing.T, name string) {
	t.Helper()
	nodes := kubetest.Client(t).CoreV1().Nodes()
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: corev1.NodeSpec{Unschedulable: true}}
	if _, err := nodes.Create(t.Context(), node, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nodes.Delete(t.Context(), name, metav1.DeleteOptions{}) })
	node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionUnknown, LastTransitionTime: metav1.NewTime(time.Now().Add(-3 * time.Minute))}}
	if _, err := nodes.UpdateStatus(t.Context(), node, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// held creates a pod of the Deployment, if owner is given, on a node, which
// mounts the claim.
func held(t *testing.T, namespace, name, node string, owner *types.UID) {
	t.Helper()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PodSpec{
			NodeName: node, Containers: []corev1.Container{{Name: "a", Image: "a"}},
			Volumes: []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "blocked"}}}},
		},
	}
	if owner != nil {
		yes := true
		pod.Labels = map[string]string{ownership.InstanceLabel: "blocked"}
		pod.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: "blocked", UID: *owner, BlockOwnerDeletion: &yes}}
	}
	if _, err := kubetest.Client(t).CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestRemovalSaysWhatItWaitsFor removes a workload whose pod is on a node that
// does not answer, and then a claim that another pod uses.
func TestRemovalSaysWhatItWaitsFor(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	node := "dead-" + namespace
	deadNode(t, node)
	c := client(t, namespace)
	r, err := c.Deploy(t.Context(), blocked(), "blocked", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	core := kubetest.Client(t)
	live, err := core.AppsV1().Deployments(namespace).Get(t.Context(), "blocked", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	held(t, namespace, "blocked-pod", node, &live.UID)
	held(t, namespace, "stranger", node, nil)

	var mu sync.Mutex
	var said []string
	c.Log = func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, fmt.Sprintf(format, args...))
	}
	_, err = c.Uninstall(t.Context(), "blocked", release.UninstallOptions{Timeout: 8 * time.Second})
	want := `deployment\.apps/blocked still exists after 8s: waiting for pod blocked-pod on node ` + node + ` \(NotReady for 3m\d*s?\)$`
	if err == nil || !regexp.MustCompile(want).MatchString(err.Error()) {
		t.Errorf("got %v", err)
	}
	if hints := hint.Of(err); len(hints) != 1 || hints[0].Command.String() != "kubectl delete pod -n "+namespace+" blocked-pod --grace-period=0 --force" {
		t.Errorf("got %v", hints)
	}
	if all := strings.Join(said, "\n"); !regexp.MustCompile(`(?m)^deployment\.apps/blocked: waiting for pod blocked-pod on node `+node+` \(NotReady for 3m\d*s?\)$`).MatchString(all) || strings.Count(all, "waiting for pod blocked-pod") != 1 {
		t.Errorf("said\n%s", all)
	}
	wantLines := []string{
		`^deployment\.apps/blocked: being deleted for \d+s, waiting for pod blocked-pod on node ` + node,
		`^persistentvolumeclaim/blocked: being deleted for \d+s, waiting for pod blocked-pod on node ` + node + ` \(NotReady for 3m\d*s?\), pod stranger on node ` + node,
	}
	lines := strings.Join(c.Deleting(t.Context(), r), "\n")
	for _, want := range wantLines {
		if !regexp.MustCompile("(?m)" + want).MatchString(lines) {
			t.Errorf("no %s in\n%s", want, lines)
		}
	}
	now := int64(0)
	for _, pod := range []string{"blocked-pod", "stranger"} {
		if err := core.CoreV1().Pods(namespace).Delete(t.Context(), pod, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Uninstall(t.Context(), "blocked", release.UninstallOptions{Timeout: time.Minute}); err != nil && !errors.Is(err, release.ErrNotFound) {
		t.Error(err)
	}
}
