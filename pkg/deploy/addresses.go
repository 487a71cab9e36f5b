package deploy

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// pendingAddresses returns a line for each Service of a release whose load
// balancer has no address. A release is ready without one, as clusters that have
// no load balancers never assign it. Services that may not be read have no line.
func pendingAddresses(ctx context.Context, c *kube.Cluster, objects []*unstructured.Unstructured) ([]rollout.Status, error) {
	var lines []rollout.Status
	for _, o := range objects {
		kind, _, _ := unstructured.NestedString(o.Object, "spec", "type")
		if o.GetAPIVersion() != "v1" || o.GetKind() != "Service" || kind != string(corev1.ServiceTypeLoadBalancer) {
			continue
		}
		live, err := c.Dynamic.Resource(corev1.SchemeGroupVersion.WithResource("services")).Namespace(c.Namespace).Get(ctx, o.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if addresses, _, _ := unstructured.NestedSlice(live.Object, "status", "loadBalancer", "ingress"); len(addresses) == 0 {
			lines = append(lines, rollout.Status{
				Object: "service/" + o.GetName(), State: rollout.Waiting,
				Message: "its load balancer has no external address; check that the cluster has a load balancer controller",
			})
		}
	}
	return lines, nil
}
