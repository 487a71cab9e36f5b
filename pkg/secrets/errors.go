package secrets

import (
	"errors"

	corev1 "k8s.io/api/core/v1"
)

// errImmutable is the server's refusal to change a Secret marked immutable.
var errImmutable = errors.New("is immutable")

// errDeleting refuses to create a Secret while the previous one is still being
// deleted.
var errDeleting = refusal{reasonFinalizers, "is still being deleted, held by finalizers: create it when it is gone"}

// typeError reports that the live Secret has a type other than the operation's.
type typeError struct {
	live      corev1.SecretType // "" if it is not known
	forbidden bool              // whether that is because the user may not read it
}

func (e typeError) Error() string {
	if e.live == "" {
		return "is of another type"
	}
	return "is of type " + payloadType(e.live)
}

// refusal is the reason why this package sent nothing. words follow "Secret 'x'
// ".
type refusal struct{ reason, words string }

func (e refusal) Error() string { return e.words }

// unsentError reports that a Secret could not be read before a write, so
// nothing was written.
type unsentError struct{ error }

func (e unsentError) Unwrap() error { return e.error }

// unreachedError reports that a request never left this machine: the server is
// unreachable, its certificate is not trusted, or there are no credentials.
type unreachedError struct{ error }

func (e unreachedError) Unwrap() error { return e.error }

// recreateError reports that a Secret could not be deleted in order to be
// recreated, or was deleted and could not be created.
type recreateError struct {
	deleted bool
	error
}

func (e recreateError) Unwrap() error { return e.error }

// quotingError wraps the error of a request that sent values which are not in
// the payload, so that they can be redacted also.
type quotingError struct {
	values []Value
	error
}

func (e quotingError) Unwrap() error { return e.error }

// answeredError reports whether err is a decision of this package on one
// operation, rather than of the server.
func answeredError(err error) bool {
	return errors.As(err, new(typeError)) || errors.As(err, new(refusal)) || errors.Is(err, errImmutable)
}
