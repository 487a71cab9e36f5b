package secrets

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/google/go-cmp/cmp"
)

func TestStateJudges(t *testing.T) {
	t.Parallel()
	var (
		unknown = state{}
		missing = state{known: true}
		config  = state{known: true, exists: true, typ: corev1.SecretTypeOpaque}
		pull    = state{known: true, exists: true, typ: corev1.SecretTypeDockerConfigJson}
		untyped = state{known: true, exists: true}
	)
	tests := []struct {
		s      state
		action Action
		kind   Type
		reason Reason
	}{
		{unknown, ActionCreate, TypeOpaque, ""},
		{unknown, ActionUpdate, TypeOpaque, ""},
		{unknown, ActionDelete, "", ""},
		{missing, ActionCreate, TypeOpaque, ""},
		{missing, ActionUpdate, TypeOpaque, "NotFound"},
		{missing, ActionDelete, "", "NotFound"},
		{config, ActionCreate, TypeOpaque, "AlreadyExists"},
		{config, ActionUpdate, TypeOpaque, ""},
		{config, ActionUpdate, TypeContainerRegistry, "TypeMismatch"},
		{config, ActionDelete, "", ""},
		{config, ActionDelete, TypeOpaque, ""},
		{config, ActionDelete, TypeContainerRegistry, "TypeMismatch"},
		{pull, ActionUpdate, TypeOpaque, "TypeMismatch"},
		{untyped, ActionUpdate, TypeOpaque, ""},
		{untyped, ActionCreate, TypeOpaque, "AlreadyExists"},
	}
	for _, tt := range tests {
		op := Operation{Name: "a", Action: tt.action, Type: tt.kind}
		var reason Reason
		if err := tt.s.expectedError(op); err != nil {
			reason, _ = explain(op, err, false)
		}
		if reason != tt.reason {
			t.Errorf("%+v judges %s %s as %q, want %q", tt.s, tt.action, tt.kind, reason, tt.reason)
		}
	}
}

func TestStateAfter(t *testing.T) {
	t.Parallel()
	opaque := Operation{Name: "a", Action: ActionUpdate, Type: TypeOpaque, Data: map[string]Value{"k": newValue("v")}}
	secrets := corev1.Resource("secrets")
	tests := []struct {
		name   string
		action Action
		err    error
		want   state
	}{
		{"update", ActionUpdate, nil, state{known: true, exists: true, typ: corev1.SecretTypeOpaque, keys: []string{"k"}}},
		{"delete", ActionDelete, nil, state{known: true}},
		{"exists", ActionCreate, apierrors.NewAlreadyExists(secrets, "a"), state{known: true, exists: true}},
		{"missing", ActionUpdate, apierrors.NewNotFound(secrets, "a"), state{known: true}},
		{"no namespace", ActionCreate, apierrors.NewNotFound(corev1.Resource("namespaces"), "n"), state{}},
		{"other type", ActionUpdate, typeError{live: corev1.SecretTypeTLS}, state{known: true, exists: true, typ: corev1.SecretTypeTLS}},
		{"immutable", ActionUpdate, errImmutable, state{known: true, exists: true, typ: corev1.SecretTypeOpaque, immutable: true}},
		{"no right", ActionUpdate, apierrors.NewForbidden(secrets, "a", nil), state{}},
	}
	for _, tt := range tests {
		op := opaque
		op.Action = tt.action
		got := state{}.after(op, answer{}, tt.err)
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(state{})); diff != "" {
			t.Errorf("state after %s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestPredictedErrorTakesTheServersWordOnRights(t *testing.T) {
	t.Parallel()
	secrets := corev1.Resource("secrets")
	op := Operation{Name: "a", Action: ActionCreate, Type: TypeOpaque}
	missing := state{known: true}
	forbidden := apierrors.NewForbidden(secrets, "a", errors.New("no right"))
	if err := new(Batch).predictedError(missing, op, forbidden); !errors.Is(err, forbidden) {
		t.Errorf("judged %v, want %v", err, forbidden)
	}
	if err := new(Batch).predictedError(missing, op, apierrors.NewAlreadyExists(secrets, "a")); err != nil {
		t.Errorf("judged %v, want no error: the batch deletes it first", err)
	}
	if err := new(Batch).predictedError(state{}, op, apierrors.NewAlreadyExists(secrets, "a")); !apierrors.IsAlreadyExists(err) {
		t.Errorf("judged %v, want the server's word where nothing is known", err)
	}
}
