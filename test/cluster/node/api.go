package node

import (
	"context"
	"fmt"
	"net"
	"slices"
	"syscall"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/kubelet"
)

// Log implements kubelet.Host with the errors of a kubelet.
func (n *Node) Log(name types.NamespacedName, container string, previous bool) (kubelet.Log, error) {
	p := n.live(name)
	if p == nil {
		return kubelet.Log{}, fmt.Errorf("pod %q %w", name.Name, kubelet.ErrNotFound)
	}
	if !slices.ContainsFunc(slices.Concat(p.Spec.Containers, p.Spec.InitContainers), func(c corev1.Container) bool { return c.Name == container }) {
		return kubelet.Log{}, fmt.Errorf("container %q in pod %q %w", container, name.Name, kubelet.ErrNotFound)
	}
	latest := n.runs.latest(p.UID, container)
	if previous {
		if latest = n.runs.before(p.UID, container, 1); latest == nil {
			return kubelet.Log{}, fmt.Errorf("previous terminated container %q in pod %q not found", container, name.Name)
		}
	}
	if latest == nil {
		return kubelet.Log{}, fmt.Errorf("container %q in pod %q is waiting to start: %s", container, name.Name, waitingReason(&p.Status, container))
	}
	log := kubelet.Log{Ended: latest.ended}
	if latest.process != nil {
		log.File = latest.process.LogFile()
	}
	return log, nil
}

// waitingReason returns why a container has not started yet.
func waitingReason(s *corev1.PodStatus, container string) string {
	for _, c := range slices.Concat(s.ContainerStatuses, s.InitContainerStatuses) {
		if c.Name == container && c.State.Waiting != nil {
			return c.State.Waiting.Reason
		}
	}
	return "ContainerCreating"
}

// Dial implements kubelet.Host. The server of a process answers on each port that its
// container declares.
func (n *Node) Dial(ctx context.Context, name types.NamespacedName, port int32) (net.Conn, error) {
	p := n.live(name)
	if p == nil {
		return nil, fmt.Errorf("pod %q %w", name.Name, kubelet.ErrNotFound)
	}
	err := error(syscall.ECONNREFUSED)
	for i := range p.Spec.Containers {
		c := &p.Spec.Containers[i]
		latest := n.runs.latest(p.UID, c.Name)
		if latest == nil || latest.process == nil || !slices.Contains(ports(c), port) {
			continue
		}
		var conn net.Conn
		if conn, err = latest.process.Dial(ctx); err == nil {
			return conn, nil
		}
	}
	return nil, fmt.Errorf("port %d of a simulated pod: %w", port, err)
}

// ports returns the ports of a container.
func ports(c *corev1.Container) []int32 {
	var all []int32
	for _, port := range c.Ports {
		all = append(all, port.ContainerPort)
	}
	return all
}

// live returns a pod of the node as it is in the API, or nil.
func (n *Node) live(name types.NamespacedName) *corev1.Pod {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.pods[cache.ObjectName(name)]; p != nil {
		return p.Pod
	}
	return nil
}
