package secrets

import (
	"errors"

	corev1 "k8s.io/api/core/v1"
)

// errImmutable is the server's refusal to change a Secret marked immutable.
var errImmutable = errors.New("is immutable")

// errDeleting refuses to create a Secret in the place of one that is not gone.
var errDeleting = refusal{ReasonFinalizers, "is still being deleted, held by finalizers: create it when it is gone"}

// typeError says that the live Secret is of another type than the operation.
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

// refusal says why this package sent nothing, in words to follow "Secret 'x' ".
type refusal struct {
	reason Reason
	words  string
}

func (e refusal) Error() string { return e.words }

// unsentError is that a Secret which an operation depends on can't be read, so
// that nothing was written.
type unsentError struct{ error }

func (e unsentError) Unwrap() error { return e.error }

// unreachedError is that a request never left this machine: the server is
// unreachable, its certificate is not trusted, or there are no credentials.
type unreachedError struct{ error }

func (e unreachedError) Unwrap() error { return e.error }

// recreateError reports that a Secret could not be deleted to be created again, or that it
// was deleted and could not be created.
type recreateError struct {
	deleted bool
	error
}

func (e recreateError) Unwrap() error { return e.error }

// quotingError is the answer to a request that sent values which the payload
// doesn't have.
type quotingError struct {
	values []Value
	error
}

func (e quotingError) Unwrap() error { return e.error }

// answeredError reports whether err is a verdict on one operation, by this
// package rather than the server.
func answeredError(err error) bool {
	return errors.As(err, new(typeError)) || errors.As(err, new(refusal)) || errors.Is(err, errImmutable)
}
