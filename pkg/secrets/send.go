package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const fieldManager = "kubectl-blueprint"

// errImmutable is the server's refusal to change a Secret marked immutable.
var errImmutable = errors.New("is immutable")

// typeError says that the live Secret is of another type than the operation.
type typeError struct{ live corev1.SecretType }

func (e typeError) Error() string { return "is of type " + payloadType(e.live) }

// send makes the request of one operation and returns the Secret as it is then,
// nil after a delete. dryRun is nil or metav1.DryRunAll.
func (b *Batch) send(ctx context.Context, op Operation, dryRun []string) (*corev1.Secret, error) {
	live, err := b.request(ctx, op, dryRun)
	if isMissing(err) {
		b.askNamespace.Do(func() { b.namespaceMissing = b.missingNamespace(ctx) })
		if b.namespaceMissing != nil {
			err = b.namespaceMissing
		}
	}
	return live, err
}

// missingNamespace returns the server's words for a namespace that is not
// there. To an update or a delete it says only that the Secret is missing.
func (b *Batch) missingNamespace(ctx context.Context) error {
	probe := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{GenerateName: "probe-"}}
	_, err := b.secrets.Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if apierrors.IsNotFound(err) {
		return err
	}
	return nil
}

func (b *Batch) request(ctx context.Context, op Operation, dryRun []string) (*corev1.Secret, error) {
	switch op.Action {
	case ActionCreate:
		return b.secrets.Create(ctx, op.secret(), metav1.CreateOptions{DryRun: dryRun, FieldManager: fieldManager})
	case ActionUpdate:
		return b.update(ctx, op, dryRun)
	case ActionDelete:
		return nil, b.delete(ctx, op, dryRun)
	}
	return nil, fmt.Errorf("unknown action %q", op.Action)
}

func (b *Batch) update(ctx context.Context, op Operation, dryRun []string) (*corev1.Secret, error) {
	patch, err := op.patch()
	if err != nil {
		return nil, err
	}
	live, err := b.secrets.Patch(ctx, op.Name, types.JSONPatchType, patch,
		metav1.PatchOptions{DryRun: dryRun, FieldManager: fieldManager})
	switch {
	case !apierrors.IsInvalid(err):
		return live, err
	case refusedAsImmutable(err):
		return nil, errImmutable
	}
	// The server doesn't say which step of a patch failed.
	live, getErr := b.secrets.Get(ctx, op.Name, metav1.GetOptions{})
	if getErr == nil && live.Type != op.secretType() {
		return nil, typeError{live.Type}
	}
	return nil, err
}

func refusedAsImmutable(err error) bool {
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	return slices.ContainsFunc(status.Status().Details.Causes, func(c metav1.StatusCause) bool {
		return c.Type == metav1.CauseType("FieldValueForbidden") && strings.Contains(c.Message, "immutable")
	})
}

// delete looks at the Secret first only where the operation names a type, and
// then deletes no other Secret than that.
func (b *Batch) delete(ctx context.Context, op Operation, dryRun []string) error {
	options := metav1.DeleteOptions{DryRun: dryRun}
	if op.Type != "" {
		live, err := b.secrets.Get(ctx, op.Name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if live.Type != op.secretType() {
			return typeError{live.Type}
		}
		options.Preconditions = metav1.NewUIDPreconditions(string(live.UID))
	}
	return b.secrets.Delete(ctx, op.Name, options)
}
