package secrets

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// TestPredictedError holds which refusals of a dry run count against an operation that
// comes after another on the same name: those that are not about the Secret's
// state, which the dry run does not know.
func TestPredictedError(t *testing.T) {
	t.Parallel()
	secrets, b, gone := corev1.Resource("secrets"), &Batch{}, state{known: true}
	create := Operation{Name: "a", Action: ActionCreate, Type: TypeOpaque}
	for name, c := range map[string]struct {
		answer error
		holds  bool
	}{
		"it exists, before the delete":  {apierrors.NewAlreadyExists(secrets, "a"), false},
		"a policy refuses the new data": {apierrors.NewInvalid(schema.GroupKind{Kind: "Secret"}, "a", nil), true},
		"no right to create":            {apierrors.NewForbidden(secrets, "a", errors.New("no")), true},
		"a quota that the delete frees": {apierrors.NewForbidden(secrets, "a", errors.New("exceeded quota: q")), false},
		"nothing to be said against it": {nil, false},
	} {
		if err := b.predictedError(gone, create, c.answer); (err != nil) != c.holds {
			t.Errorf("%s: %v", name, err)
		}
	}
}
