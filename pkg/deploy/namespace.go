package deploy

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// CreateNamespace creates the namespace of the cluster connection unless it exists.
func (d *Deployer) CreateNamespace(ctx context.Context) error {
	name := d.Cluster.Namespace
	_, err := d.Cluster.Core.Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
	switch {
	case apierrors.IsAlreadyExists(err):
		return nil
	case apierrors.IsForbidden(err): // users without the permission may still deploy to an existing namespace
		if _, missing := d.Cluster.Core.Namespaces().Get(ctx, name, metav1.GetOptions{}); missing == nil {
			return nil
		}
	case err == nil:
		d.Log("namespace/%s created", name)
	}
	return err
}
