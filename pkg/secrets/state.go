package secrets

import (
	"errors"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// state is what a batch knows of one Secret between two operations on it. The
// zero state knows nothing.
type state struct {
	known   bool // whether exists is known
	exists  bool
	like    corev1.SecretType // its type, "" where it isn't known
	keys    []string          // nil where they aren't known
	version string            // the resourceVersion, "" where it isn't known
}

// stateOf is the state of a live Secret.
func stateOf(live *corev1.Secret) state {
	return state{
		known: true, exists: true, like: live.Type, version: live.ResourceVersion,
		keys: slices.Sorted(maps.Keys(live.Data)),
	}
}

// judge tells whether op would fail for what is known, with the server's error.
func (s state) judge(op Operation) error {
	secrets := corev1.Resource("secrets")
	switch {
	case !s.known:
	case op.Action == ActionCreate && s.exists:
		return apierrors.NewAlreadyExists(secrets, op.Name)
	case op.Action == ActionCreate:
	case !s.exists:
		return apierrors.NewNotFound(secrets, op.Name)
	case op.Type != "" && s.like != "" && s.like != op.secretType():
		return typeError{s.like}
	}
	return nil
}

// after is the state once op got this answer.
func (s state) after(op Operation, live *corev1.Secret, err error) state {
	var other typeError
	switch {
	case err == nil && op.Action == ActionDelete:
		return state{known: true}
	case err == nil && live != nil:
		return stateOf(live)
	case err == nil: // judged without the server
		return state{known: true, exists: true, like: op.secretType(), keys: op.Keys()}
	case errors.As(err, &other):
		return state{known: true, exists: true, like: other.live}
	case errors.Is(err, errImmutable):
		return state{known: true, exists: true, like: op.secretType()}
	case apierrors.IsAlreadyExists(err) && !s.known:
		return state{known: true, exists: true}
	case isMissing(err):
		return state{known: true}
	}
	return s
}

// isMissing reports whether err says that the Secret doesn't exist, rather
// than its namespace.
func isMissing(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details != nil && details.Kind == "secrets"
}

// dropped returns the keys that op takes away, as far as is known.
func (s state) dropped(op Operation) []string {
	if op.Action != ActionUpdate {
		return nil
	}
	kept := op.Keys()
	return slices.DeleteFunc(slices.Clone(s.keys), func(key string) bool { return slices.Contains(kept, key) })
}

// changedBy tells whether op changed the Secret, which live is after it, or nil
// where that isn't known. The server keeps the resourceVersion of a Secret that
// a patch leaves as it was.
func (s state) changedBy(op Operation, live *corev1.Secret) *bool {
	switch {
	case op.Action != ActionUpdate:
		return new(true)
	case s.version == "" || live == nil:
		return nil
	}
	return new(live.ResourceVersion != s.version)
}
