package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// Credentials returns the logins that a container_registry operation writes, or nil for
// other operations.
func (op Operation) Credentials() []registry.Credential {
	if op.Type != TypeContainerRegistry || op.Action == ActionDelete {
		return nil
	}
	credentials, _ := registry.Credentials(op.dockerConfig()) // our own output is well formed
	return credentials
}

// PullSecretError reports that a Secret exists but cannot be used to pull images.
type PullSecretError struct {
	Name    string
	Reason  string // follows the name in a sentence
	Ignored bool   // the kubelet ignores the Secret; otherwise it refuses to pull
	NoLogin bool   // it is a pull secret without user name and password
}

func (e *PullSecretError) Error() string { return fmt.Sprintf("Secret %q %s", e.Name, e.Reason) }

// PullSecretCredentials returns the logins in a pull secret of the cluster. It returns a
// *PullSecretError for other Secrets.
func PullSecretCredentials(ctx context.Context, client corev1client.SecretsGetter, namespace, name string) ([]registry.Credential, error) {
	live, err := client.Secrets(namespace).Get(redact.WithoutBodyLogging(ctx), name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return pullSecretCredentials(live)
}

// pullSecretKey returns the key of the credentials in pull secrets of a type, or "" for
// Secrets of other types.
func pullSecretKey(t corev1.SecretType) string {
	switch t {
	case corev1.SecretTypeDockerConfigJson:
		return corev1.DockerConfigJsonKey
	case corev1.SecretTypeDockercfg:
		return corev1.DockerConfigKey
	}
	return ""
}

func pullSecretCredentials(live *corev1.Secret) ([]registry.Credential, error) {
	key := pullSecretKey(live.Type)
	config := live.Data[key]
	switch {
	case key == "":
		return nil, &PullSecretError{
			Name: live.Name, Reason: fmt.Sprintf("must be of type %s, got %s", TypeContainerRegistry, payloadType(live.Type)), Ignored: true,
		}
	case key == corev1.DockerConfigKey && json.Valid(config): // the same, without the enclosing {"auths": …}
		config = slices.Concat([]byte(`{"auths":`), config, []byte(`}`))
	}
	credentials, err := registry.Credentials(config)
	switch {
	case errors.Is(err, registry.ErrNoLogin):
		return nil, &PullSecretError{Name: live.Name, Reason: err.Error(), Ignored: true, NoLogin: true}
	case err != nil:
		return nil, &PullSecretError{Name: live.Name, Reason: fmt.Sprintf("has a malformed %s: %v", key, err)}
	}
	return credentials, nil
}

// Namespaces returns the namespaces that have a Secret of a name, in alphabetical order.
// It needs permission to list Secrets in all namespaces.
func Namespaces(ctx context.Context, client corev1client.SecretsGetter, name string) ([]string, error) {
	named := fields.OneTermEqualSelector(metav1.ObjectNameField, name).String()
	found, err := client.Secrets(metav1.NamespaceAll).List(redact.WithoutBodyLogging(ctx), metav1.ListOptions{FieldSelector: named})
	if err != nil {
		return nil, err
	}
	var namespaces []string
	for i := range found.Items {
		namespaces = append(namespaces, found.Items[i].Namespace)
	}
	slices.Sort(namespaces)
	return namespaces, nil
}
