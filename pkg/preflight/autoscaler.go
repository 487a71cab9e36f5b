package preflight

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// grows reports whether nodes that are not there yet may come, of kinds of which
// none is there at present: groups of nodes scale to zero. Then it is no error
// that no node can hold a pod. Known signs are Karpenter's API and the status
// that the cluster autoscaler keeps; who may not see the latter can't know.
func (r *run) grows(ctx context.Context) (bool, error) {
	if _, err := r.Mapper.RESTMapping(schema.GroupKind{Group: "karpenter.sh", Kind: "NodePool"}); err == nil {
		return true, nil
	}
	_, err := r.Client.CoreV1().ConfigMaps(metav1.NamespaceSystem).Get(ctx, "cluster-autoscaler-status", metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return false, nil
	case apierrors.IsForbidden(err):
		return true, nil
	}
	return err == nil, err
}
