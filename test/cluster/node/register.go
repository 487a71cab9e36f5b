package node

import (
	"context"
	"net"
	"runtime"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

// Config describes a node.
type Config struct {
	Name      string
	IP        string
	PodCIDR   string
	Labels    map[string]string // over and above the usual ones
	Resources corev1.ResourceList
	Version   string // of the kubelet it claims to be
	PKI       pki.Dir

	Dir         string   // for the files of processes
	ModelServer []string // command of a process for each container that requests GPUs, or empty
}

// register creates the Node, ready at once. Its kubelet API is at an address of this host.
func (n *Node) register(ctx context.Context, api *net.TCPAddr) error {
	node := n.config.object(metav1.Now())
	node.Status.Addresses = append(node.Status.Addresses, corev1.NodeAddress{Type: corev1.NodeInternalDNS, Address: api.IP.String()})
	node.Status.DaemonEndpoints.KubeletEndpoint.Port = int32(api.Port)
	_, err := n.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
	return err
}

func (c Config) object(now metav1.Time) *corev1.Node {
	labels := map[string]string{
		corev1.LabelHostname:   c.Name,
		corev1.LabelOSStable:   "linux",
		corev1.LabelArchStable: runtime.GOARCH,
	}
	for k, v := range c.Labels {
		labels[k] = v
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: c.Name, Labels: labels},
		Spec:       corev1.NodeSpec{PodCIDR: c.PodCIDR, PodCIDRs: []string{c.PodCIDR}},
		Status: corev1.NodeStatus{
			Capacity:    c.Resources,
			Allocatable: c.Resources,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: c.IP},
				{Type: corev1.NodeHostName, Address: c.Name},
			},
			Conditions: conditions(now),
			NodeInfo: corev1.NodeSystemInfo{
				KubeletVersion:          c.Version,
				ContainerRuntimeVersion: "simulated://1",
				OperatingSystem:         "linux",
				OSImage:                 "simulated",
				Architecture:            runtime.GOARCH,
			},
		},
	}
}

// conditions returns what a healthy kubelet reports.
func conditions(now metav1.Time) []corev1.NodeCondition {
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{
			Type: kind, Status: status, Reason: reason, Message: message,
			LastHeartbeatTime: now, LastTransitionTime: now,
		}
	}
	return []corev1.NodeCondition{
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
		condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
		condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
	}
}
