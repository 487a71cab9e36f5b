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
	"k8s.io/client-go/kubernetes"
)

// suspension is longer than the grace period of the test's controller manager.
const suspension = 14 * time.Second

// TestNodesReturnAfterASuspension stops the whole process, as a laptop that
// sleeps does, until the controllers take the nodes for lost.
func TestNodesReturnAfterASuspension(t *testing.T) {
	t.Parallel()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	p := newProcess(t, "-nodes=2", "-kubeconfig="+kubeconfig,
		"-controller-manager-flag=--node-monitor-grace-period=12s", "-controller-manager-flag=--node-monitor-period=1s")
	p.start(t)
	appears(t, kubeconfig)
	n := namespace{newClient(t, kubeconfig), "default"}
	n.create(t, corev1.PodSpec{Containers: []corev1.Container{{Name: "c", Image: "app"}}})
	n.runs(t)

	for tries := 0; !n.sawLostNodes(t); tries++ { // a node whose lease is renewed first is not taken for lost
		if tries == 5 {
			t.Fatal("the controllers never took a node for lost")
		}
		p.signal(t, syscall.SIGSTOP)
		time.Sleep(suspension)
		p.signal(t, syscall.SIGCONT)
		time.Sleep(2 * time.Second) // two looks of the controller at the nodes
	}

	eventually(t, func(ctx context.Context) error { return nodesTakePods(ctx, n) })
	n.reaches(t, "a ready pod", func(s corev1.PodStatus) bool {
		return readyStatus(s) == corev1.ConditionTrue
	})
	for _, node := range []string{"gpu-node-1", "gpu-node-2"} {
		runsOn(t, n, node)
	}
}

// sawLostNodes reports whether the controllers have marked the pod of a node as
// not ready since its start.
func (n namespace) sawLostNodes(t *testing.T) bool {
	t.Helper()
	var lost bool
	eventually(t, func(ctx context.Context) error {
		events, err := n.CoreV1().Events(n.name).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.name=p,reason=NodeNotReady"})
		lost = err == nil && len(events.Items) > 0
		return err
	})
	return lost
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
