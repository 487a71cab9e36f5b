package secrets

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// errUnexpected is returned for a response that an API server would not send. A proxy or
// a login page may respond instead, and client-go decodes any object into an empty Secret.
var errUnexpected = errors.New("unexpected response from the server")

// checkedSecrets checks that every response is about the Secret of the request.
type checkedSecrets struct {
	corev1client.SecretInterface
	namespace string // metav1.NamespaceAll for all namespaces
}

func (c checkedSecrets) checked(name string, s *corev1.Secret, err error) (*corev1.Secret, error) {
	switch {
	case err != nil:
		return nil, err
	case s.Name != name && name != "" || s.Namespace != c.namespace || s.UID == "":
		return nil, errUnexpected
	}
	return s, nil
}

// Get returns one Secret.
func (c checkedSecrets) Get(ctx context.Context, name string, options metav1.GetOptions) (*corev1.Secret, error) {
	s, err := c.SecretInterface.Get(ctx, name, options)
	return c.checked(name, s, err)
}

// Create creates a Secret and returns it.
func (c checkedSecrets) Create(ctx context.Context, body *corev1.Secret, options metav1.CreateOptions) (*corev1.Secret, error) {
	s, err := c.SecretInterface.Create(ctx, body, options)
	return c.checked(body.Name, s, err)
}

// Patch changes a Secret and returns it.
func (c checkedSecrets) Patch(ctx context.Context, name string, kind types.PatchType, body []byte, options metav1.PatchOptions, subresources ...string) (*corev1.Secret, error) {
	s, err := c.SecretInterface.Patch(ctx, name, kind, body, options, subresources...)
	return c.checked(name, s, err)
}

// List returns a page of Secrets. The API server sets a version on every list.
func (c checkedSecrets) List(ctx context.Context, options metav1.ListOptions) (*corev1.SecretList, error) {
	page, err := c.SecretInterface.List(ctx, options)
	switch {
	case err != nil:
		return nil, err
	case page.ResourceVersion == "":
		return nil, errUnexpected
	}
	in := c
	for i := range page.Items {
		if c.namespace == metav1.NamespaceAll {
			in.namespace = page.Items[i].Namespace
		}
		if _, err := in.checked(page.Items[i].Name, &page.Items[i], nil); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// deleteSecret deletes a Secret. It returns the Secret if finalizers delay the deletion,
// and otherwise nil.
func deleteSecret(ctx context.Context, client rest.Interface, namespace, name string, options *metav1.DeleteOptions) (*corev1.Secret, error) {
	result := client.Delete().Namespace(namespace).Resource("secrets").Name(name).Body(options).Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err
	}
	answer, err := result.Get()
	if err != nil { // the response cannot be decoded
		return nil, errUnexpected
	}
	switch answer := answer.(type) {
	case *metav1.Status:
		if answer.Status == metav1.StatusSuccess && answer.Details != nil && answer.Details.Name == name {
			return nil, nil
		}
	case *corev1.Secret:
		return checkedSecrets{namespace: namespace}.checked(name, answer, nil)
	}
	return nil, errUnexpected
}
