package secrets

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// ModelToken returns a value of a Secret in the cluster as a token for models, and whether
// the Secret has the key.
func ModelToken(ctx context.Context, client corev1client.SecretsGetter, namespace, name, key string) (token modelhub.Token, found bool, err error) {
	live, err := client.Secrets(namespace).Get(redact.WithoutBodyLogging(ctx), name, metav1.GetOptions{})
	if err != nil {
		return modelhub.Token{}, false, err
	}
	text, found := live.Data[key]
	return modelhub.NewToken(string(text)), found, nil
}
