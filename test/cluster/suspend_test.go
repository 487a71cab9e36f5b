package main

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// suspension is longer than the grace period of the test's controller manager.
const suspension = 14 * time.Second

// TestNodesReturnAfterASuspension stops the whole process, as a laptop that
// sleeps does. Whether the node lifecycle controller then sees old leases or
// renewed ones first is a matter of luck, so the test also marks the nodes.
func TestNodesReturnAfterASuspension(t *testing.T) {
	t.Parallel()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	p := newProcess(t, "-nodes=2", "-kubeconfig="+kubeconfig,
		"-controller-manager-flag=--node-monitor-grace-period=12s", "-controller-manager-flag=--node-monitor-period=1s")
	p.start(t)
	appears(t, kubeconfig)
	n := namespace{newClient(t, kubeconfig), kubeconfig, "default"}
	n.create(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "app"}}})
	n.runs(t)

	p.signal(t, syscall.SIGSTOP)
	time.Sleep(suspension)
	p.signal(t, syscall.SIGCONT)
	eventually(t, func(ctx context.Context) error { return nodesTakePods(ctx, n) })
	n.markLost(t, "gpu-node-1")
	n.markLost(t, "gpu-node-2")

	eventually(t, func(ctx context.Context) error { return nodesTakePods(ctx, n) })
	n.reaches(t, "a ready pod", func(s corev1.PodStatus) bool {
		return readyStatus(s) == corev1.ConditionTrue
	})
	for _, node := range []string{"gpu-node-1", "gpu-node-2"} {
		runsOn(t, n, node)
	}
}

// markLost writes what the node lifecycle controller writes about a silent node
// and its pods.
func (n namespace) markLost(t *testing.T, node string) {
	t.Helper()
	unknown := []byte(`{"status": {"conditions": [{"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}, {"type": "DiskPressure", "status": "Unknown"}]}}`)
	if _, err := n.CoreV1().Nodes().Patch(t.Context(), node, types.StrategicMergePatchType, unknown, metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	pods, err := n.CoreV1().Pods(n.name).List(t.Context(), metav1.ListOptions{FieldSelector: "spec.nodeName=" + node})
	if err != nil {
		t.Fatal(err)
	}
	notReady := []byte(`{"status": {"conditions": [{"type": "Ready", "status": "False"}]}}`)
	for _, pod := range pods.Items {
		if _, err := n.CoreV1().Pods(n.name).Patch(t.Context(), pod.Name, types.StrategicMergePatchType, notReady, metav1.PatchOptions{}, "status"); err != nil {
			t.Fatal(err)
		}
	}
}

// nodesTakePods returns no error once all nodes are ready and without taints.
func nodesTakePods(ctx context.Context, client kubernetes.Interface) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, node := range nodes.Items {
		for _, c := range node.Status.Conditions {
			if (c.Status == corev1.ConditionTrue) != (c.Type == corev1.NodeReady) {
				return fmt.Errorf("%s: %s is %s: %s", node.Name, c.Type, c.Status, c.Message)
			}
		}
		if len(node.Spec.Taints) > 0 {
			return fmt.Errorf("%s has taints: %v", node.Name, node.Spec.Taints)
		}
	}
	return nil
}

func readyStatus(s corev1.PodStatus) corev1.ConditionStatus {
	for _, c := range s.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status
		}
	}
	return corev1.ConditionUnknown
}

// runsOn creates a pod that the scheduler can bind to one node only.
func runsOn(t *testing.T, n namespace, node string) {
	t.Helper()
	created, err := n.CoreV1().Pods(n.name).Create(t.Context(), &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "after-"},
		Spec: corev1.PodSpec{
			NodeSelector: map[string]string{corev1.LabelHostname: node},
			Containers:   []corev1.Container{{Name: "c", Image: "app"}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(ctx context.Context) error {
		p, err := n.CoreV1().Pods(n.name).Get(ctx, created.Name, metav1.GetOptions{})
		if err == nil && readyStatus(p.Status) != corev1.ConditionTrue {
			err = fmt.Errorf("%s does not become ready on %s: %+v", p.Name, node, p.Status)
		}
		return err
	})
}
