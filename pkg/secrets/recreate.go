package secrets

import (
	"context"
	"errors"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// recreates reports whether the batch handles err by recreating the Secret. A merge into
// a Secret of another type is impossible.
func (b *Batch) recreates(op Operation, err error) bool {
	return b.Recreate && op.overwrites() && (errors.Is(err, errImmutable) || !op.Merge && errors.As(err, new(typeError)))
}

// recreate reads the Secret, deletes exactly this one, and creates it again.
func (b *Batch) recreate(ctx context.Context, op Operation, dryRun []string) (answer, error) {
	old, err := b.getForWrite(ctx, op)
	if err != nil {
		return answer{}, err
	}
	if len(old.Finalizers) > 0 {
		return answer{}, refusal{ReasonFinalizers, "has finalizers and cannot be recreated in one step; delete it, and create it after it is deleted"}
	}
	body, err := op.replacement(old)
	if err != nil {
		return answer{}, err
	}
	_, err = deleteSecret(ctx, b.rest, b.namespace, op.Name, &metav1.DeleteOptions{
		DryRun:        dryRun,
		Preconditions: &metav1.Preconditions{UID: &old.UID, ResourceVersion: &old.ResourceVersion},
	})
	if err != nil {
		return answer{}, recreateError{deleted: false, error: err}
	}
	live, err := b.secrets.Create(ctx, body, metav1.CreateOptions{DryRun: dryRun, FieldManager: ownership.FieldManager})
	switch {
	case dryRun != nil && apierrors.IsAlreadyExists(err): // the server checks this last
		return answer{recreated, body}, nil
	case err != nil && dryRun == nil:
		return answer{}, recreateError{deleted: true, error: quotingError{valuesOf(old.Data), err}}
	case err != nil:
		return answer{}, quotingError{valuesOf(old.Data), err}
	}
	return answer{recreated, live}, nil
}

// replacement returns the Secret that replaces old. Like an update it changes only the
// data, except that it drops the old values in the annotation of kubectl apply.
func (op Operation) replacement(old *corev1.Secret) (*corev1.Secret, error) {
	body := op.secret()
	body.Labels, body.Annotations = old.Labels, maps.Clone(old.Annotations)
	delete(body.Annotations, corev1.LastAppliedConfigAnnotation)
	body.OwnerReferences, body.Immutable = old.OwnerReferences, old.Immutable
	if !op.Merge {
		return body, nil
	}
	own := body.Data
	body.Data = maps.Clone(old.Data)
	if op.Type == TypeContainerRegistry {
		merged, err := op.mergedDockerConfig(old.Data[corev1.DockerConfigJsonKey])
		if err != nil {
			return nil, err
		}
		own[corev1.DockerConfigJsonKey] = merged
	}
	if body.Data == nil {
		body.Data = map[string][]byte{}
	}
	maps.Copy(body.Data, own)
	return body, nil
}

func valuesOf(data map[string][]byte) []Value {
	var all []Value
	for key, value := range data {
		all = append(all, newValue(string(value)))
		if key == corev1.DockerConfigJsonKey {
			all = append(all, configValues(value)...)
		}
	}
	return all
}
