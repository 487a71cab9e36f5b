package node

import (
	"context"
	"runtime"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/klog/v2"
)

// Config describes a node.
type Config struct {
	Name      string
	IP        string
	PodCIDR   string
	Labels    map[string]string // over and above the usual ones
	Resources corev1.ResourceList
	Version   string // of the kubelet it claims to be
}

const (
	leaseDuration = 40 * time.Second // a kubelet's
	leaseRenewal  = leaseDuration / 4
)

// register creates the Node, ready at once.
func (n *Node) register(ctx context.Context) error {
	_, err := n.client.CoreV1().Nodes().Create(ctx, n.config.object(metav1.Now()), metav1.CreateOptions{})
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
	condition := func(kind corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{
			Type: kind, Status: status, Reason: reason, Message: message,
			LastHeartbeatTime: now, LastTransitionTime: now,
		}
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
				{Type: corev1.NodeInternalDNS, Address: "localhost"}, // refuses kubectl logs, see the API server's flags
			},
			Conditions: []corev1.NodeCondition{
				condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
				condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
				condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
				condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status"),
			},
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

// renewLease is the node's heartbeat. It keeps going through errors: one
// missed renewal does no harm.
func (n *Node) renewLease(ctx context.Context) {
	leases := n.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	seconds := int32(leaseDuration / time.Second)
	lease := &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Name: n.config.Name},
		Spec:       coordinationv1.LeaseSpec{HolderIdentity: &n.config.Name, LeaseDurationSeconds: &seconds},
	}
	renew := func() error {
		now := metav1.NowMicro()
		lease.Spec.RenewTime = &now
		var err error
		var renewed *coordinationv1.Lease
		if lease.ResourceVersion == "" {
			renewed, err = leases.Create(ctx, lease, metav1.CreateOptions{})
		} else {
			renewed, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
		}
		if err == nil {
			lease = renewed
		}
		return err
	}
	for {
		wait := leaseRenewal
		if err := renew(); err != nil && ctx.Err() == nil {
			klog.ErrorS(err, "renewing the lease of a simulated node", "node", n.config.Name)
			wait = time.Second
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}
