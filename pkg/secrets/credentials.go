package secrets

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// Credentials returns the logins that a container_registry operation writes;
// others write none.
func (op Operation) Credentials() []registry.Credential {
	if op.Type != TypeContainerRegistry || op.Action == ActionDelete {
		return nil
	}
	credentials, _ := registry.Credentials(op.dockerConfig()) // our own output is well formed
	return credentials
}

// PullSecretCredentials returns the logins in a pull secret of the cluster.
func PullSecretCredentials(ctx context.Context, client corev1client.SecretsGetter, namespace, name string) ([]registry.Credential, error) {
	live, err := client.Secrets(namespace).Get(quiet(ctx), name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	if live.Type != corev1.SecretTypeDockerConfigJson {
		return nil, fmt.Errorf("secret %q is of type %s: want a %s", name, payloadType(live.Type), TypeContainerRegistry)
	}
	credentials, err := registry.Credentials(live.Data[corev1.DockerConfigJsonKey])
	if err != nil {
		return nil, fmt.Errorf("secret %q: %s %w", name, corev1.DockerConfigJsonKey, err)
	}
	return credentials, nil
}
