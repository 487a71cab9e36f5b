package node

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/component-helpers/apimachinery/lease"
	nodeutil "k8s.io/component-helpers/node/util"
	"k8s.io/klog/v2"
	"k8s.io/utils/clock"
)

// The periods of a kubelet.
const (
	leaseDuration = 40 * time.Second
	leaseRenewal  = leaseDuration / 4
	statusCheck   = 10 * time.Second // nodeStatusUpdateFrequency
	statusReport  = 5 * time.Minute  // nodeStatusReportFrequency
)

// correction is how long a node corrects its pods after its return. The node
// lifecycle controller marks a silent node first and the node's pods
// afterwards, so it may mark a pod when the node is already back.
const correction = time.Minute

// renewLease renews the node's lease until ctx ends. It uses the kubelet's own
// controller, which also replaces a lease that was changed or deleted.
func (n *Node) renewLease(ctx context.Context) {
	seconds := int32(leaseDuration / time.Second)
	lease.NewController(clock.RealClock{}, n.client, n.config.Name, seconds, nil, leaseRenewal, n.config.Name, corev1.NamespaceNodeLease, nil).Run(ctx)
}

// reportStatus keeps the node's conditions current until ctx ends. It logs
// errors and goes on: one missed report does no harm.
func (n *Node) reportStatus(ctx context.Context) {
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		if err := n.heartbeat(ctx); err != nil && ctx.Err() == nil {
			klog.ErrorS(err, "reporting the status of a simulated node", "node", n.config.Name)
		}
	}, statusCheck)
}

// heartbeat writes the node's conditions if the API server has different ones
// or if the last report is old.
func (n *Node) heartbeat(ctx context.Context) error {
	node, err := n.client.CoreV1().Nodes().Get(ctx, n.config.Name, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("getting the node: %w", err)
	}
	due, marked := false, false
	report := conditions(metav1.Now())
	for i := range report {
		c := &report[i]
		_, old := nodeutil.GetNodeCondition(&node.Status, c.Type)
		if old == nil || old.Status != c.Status {
			due = true
			marked = marked || c.Type == corev1.NodeReady
			continue
		}
		due = due || c.LastHeartbeatTime.Sub(old.LastHeartbeatTime.Time) >= statusReport
		c.LastTransitionTime = old.LastTransitionTime
	}
	if !due {
		return nil
	}
	// A strategic merge patch keeps the conditions of other types.
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"conditions": report}})
	if err != nil {
		return fmt.Errorf("encoding the conditions: %w", err)
	}
	if _, err := n.client.CoreV1().Nodes().Patch(ctx, n.config.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status"); err != nil {
		return fmt.Errorf("patching the node: %w", err)
	}
	if marked {
		n.correctPods()
	}
	return nil
}

// correctPods has all pods of the node synced again, and their Ready conditions
// corrected for a while.
func (n *Node) correctPods() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.returned = time.Now()
	for name := range n.pods {
		n.queue.Add(name)
	}
}

// correcting reports whether the node has returned a short time ago.
func (n *Node) correcting() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.returned.IsZero() && time.Since(n.returned) < correction
}

// adoptReady replaces the remembered Ready condition with the one in the API, so
// that the next write corrects it.
func (p *pod) adoptReady() {
	for _, api := range p.Status.Conditions {
		for i := range p.status.Conditions {
			if c := &p.status.Conditions[i]; c.Type == corev1.PodReady && api.Type == c.Type {
				*c = api
			}
		}
	}
}
