package secrets

import (
	"context"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// Preview returns a client that reads Secrets as they will be after the batch, so that
// their consumers can be checked before. It reads all other Secrets from client. Call it
// before Apply.
func (b *Batch) Preview(client corev1client.SecretsGetter) corev1client.SecretsGetter {
	return preview{client, b}
}

type preview struct {
	corev1client.SecretsGetter
	batch *Batch
}

func (p preview) Secrets(namespace string) corev1client.SecretInterface {
	live := p.SecretsGetter.Secrets(namespace)
	if namespace != p.batch.namespace {
		return live
	}
	return previewOfNamespace{live, p.batch}
}

type previewOfNamespace struct {
	corev1client.SecretInterface
	batch *Batch
}

// Get returns a Secret as it will be after the batch. It reads the live Secret only if an
// operation merges into it, or if no operation is about it.
func (p previewOfNamespace) Get(ctx context.Context, name string, options metav1.GetOptions) (*corev1.Secret, error) {
	chain := p.batch.operationsOn(name)
	if len(chain) == 0 {
		return p.SecretInterface.Get(ctx, name, options)
	}
	var after *corev1.Secret
	if chain[0].Merge {
		live, err := p.SecretInterface.Get(redact.WithoutBodyLogging(ctx), name, options)
		if err != nil {
			return nil, err
		}
		after = live
	}
	for _, op := range chain {
		var err error
		if after, err = op.applyTo(after); err != nil {
			return nil, op.safe(err)
		}
	}
	if after == nil {
		return nil, apierrors.NewNotFound(corev1.Resource("secrets"), name)
	}
	after.Namespace = p.batch.namespace
	return after, nil
}

// operationsOn returns the operations on one name, in the order of the payload.
func (b *Batch) operationsOn(name string) []Operation {
	var all []Operation
	for _, op := range b.ops {
		if op.Name == name {
			all = append(all, op)
		}
	}
	return all
}

// applyTo returns the Secret after op, or nil if op deletes it. live is the Secret before,
// or nil. The result has no resourceVersion, which only the server can set.
func (op Operation) applyTo(live *corev1.Secret) (*corev1.Secret, error) {
	if op.Action == ActionDelete {
		return nil, nil
	}
	after := op.secret()
	if !op.Merge || live == nil {
		return after, nil
	}
	if op.Type == TypeContainerRegistry {
		merged, err := op.mergedDockerConfig(live.Data[corev1.DockerConfigJsonKey])
		after.Data = map[string][]byte{corev1.DockerConfigJsonKey: merged}
		return after, err
	}
	data := maps.Clone(live.Data)
	maps.Copy(data, after.Data)
	after.Data = data
	return after, nil
}
