package preflight

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/metadata"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// SecretsRead returns the names of the Secrets that the objects' pods read, in
// alphabetical order: those that a change of the pods' would have to follow.
// Those that they pull with and those among the objects are not of them.
func SecretsRead(objects []*unstructured.Unstructured) ([]string, error) {
	pods, err := podsOf(objects)
	if err != nil {
		return nil, err
	}
	ours := renderedSecrets(objects)
	var names []string
	for _, n := range needsOf(pods, podspec.SecretRefs) {
		if ours[n.Name] == nil {
			names = append(names, n.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

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
