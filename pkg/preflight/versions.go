package preflight

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/metadata"
)

// SecretVersion returns the resourceVersion of a Secret, or "" if the Secret is
// missing or the user may not read it. It requests metadata only, never values.
func SecretVersion(ctx context.Context, client metadata.Interface, namespace, name string) (string, error) {
	found, err := client.Resource(corev1.SchemeGroupVersion.WithResource("secrets")).Namespace(namespace).Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsForbidden(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return found.ResourceVersion, nil
}
