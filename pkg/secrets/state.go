package secrets

import (
	"errors"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// state is the known state of one Secret between two operations on it. The zero state is
// unknown.
type state struct {
	known      bool // exists is known
	exists     bool
	typ        corev1.SecretType // "" if unknown
	immutable  bool
	deleting   bool     // marked for deletion
	finalizers []string // nil if unknown
	owner      string   // the tool that manages it, in words that follow "Secret 'x' ", or ""
	keys       []string // nil if unknown
	version    string   // the resourceVersion, or "" if unknown

	live *corev1.Secret // nil if the Secret is missing or was not read
}

// stateOf returns the state of a live Secret.
func stateOf(live *corev1.Secret) state {
	return state{
		known: true, exists: true, typ: live.Type, version: live.ResourceVersion,
		immutable: live.Immutable != nil && *live.Immutable, owner: ownership.OfSecret(live),
		deleting: live.DeletionTimestamp != nil, finalizers: live.Finalizers,
		keys: slices.Sorted(maps.Keys(live.Data)), live: live,
	}
}

// current reports whether reading the Secret would add nothing to s.
func (s state) current() bool { return s.live != nil || s.known && !s.exists }

// expectedError returns the server's error for op if it fails in state s.
func (s state) expectedError(op Operation) error {
	secrets := corev1.Resource("secrets")
	switch {
	case !s.known:
	case op.Action == ActionCreate && s.deleting:
		return errDeleting
	case op.Action == ActionCreate && s.exists:
		return apierrors.NewAlreadyExists(secrets, op.Name)
	case op.Action == ActionCreate, op.Action == ActionApply && !s.exists:
	case !s.exists:
		return apierrors.NewNotFound(secrets, op.Name)
	case op.Type != "" && s.typ != "" && s.typ != op.secretType():
		return typeError{live: s.typ}
	}
	return nil
}

// after returns the state after op returned a and err.
func (s state) after(op Operation, a answer, err error) state {
	var other typeError
	var half recreateError
	switch {
	case err == nil && a.live != nil:
		return stateOf(a.live)
	case err == nil && a.did == deleting:
		s.deleting = true
		return s
	case err == nil && op.Action == ActionDelete:
		return state{known: true}
	case err == nil: // predicted without the server
		after := state{known: true, exists: true, typ: op.secretType(), keys: s.keysAfter(op)}
		if s.exists {
			after.immutable, after.finalizers = s.immutable, s.finalizers
		}
		return after
	case errors.As(err, &half) && half.deleted && !noAnswer(err) && !isServerError(err):
		return state{known: true, exists: apierrors.IsAlreadyExists(err)}
	case noAnswer(err), isServerError(err):
		return state{}
	case errors.As(err, &other):
		return state{known: true, exists: true, typ: other.live}
	case errors.Is(err, errImmutable):
		return state{known: true, exists: true, typ: op.secretType(), immutable: true}
	case apierrors.IsAlreadyExists(err) && !s.known:
		return state{known: true, exists: true}
	case isMissing(err):
		return state{known: true}
	}
	return s
}

// keysAfter returns the known keys of the Secret after op.
func (s state) keysAfter(op Operation) []string {
	keys := op.Keys()
	if op.Merge && s.exists {
		keys = slices.Concat(keys, s.keys)
		slices.Sort(keys)
	}
	return slices.Compact(keys)
}

// isMissing reports whether err means that the Secret does not exist, rather than its
// namespace.
func isMissing(err error) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details != nil && details.Kind == "secrets"
}

// dropped returns the known keys that op removes.
func (s state) dropped(op Operation) []string {
	if !op.overwrites() || op.Merge {
		return nil
	}
	kept := op.Keys()
	return slices.DeleteFunc(slices.Clone(s.keys), func(key string) bool { return slices.Contains(kept, key) })
}

// changedBy reports whether an operation changed the Secret, or nil if that is unknown. The
// server keeps the resourceVersion if a patch changes nothing.
func (s state) changedBy(a answer) *bool {
	switch {
	case a.did == unchanged:
		return new(false)
	case a.did != updated:
		return new(true)
	case s.version == "" || a.live == nil:
		return nil
	}
	return new(a.live.ResourceVersion != s.version)
}
