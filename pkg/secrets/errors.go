package secrets

import (
	"errors"

	corev1 "k8s.io/api/core/v1"
)

// errImmutable is returned for changes of immutable Secrets.
var errImmutable = errors.New("is immutable")

// errDeleting is returned for creates of Secrets whose deletion has not finished.
var errDeleting = refusal{ReasonFinalizers, "is still being deleted and waits for finalizers; create it after it is deleted"}

// typeError reports that the live Secret and the operation have different types.
type typeError struct {
	live      corev1.SecretType // "" if unknown
	forbidden bool              // the type is unknown because the user may not read the Secret
}

func (e typeError) Error() string {
	if e.live == "" {
		return "has another type"
	}
	return "has type " + payloadType(e.live)
}

// refusal is the reason why this package did not send a request. Its words follow
// "Secret 'x' ".
type refusal struct {
	reason Reason
	words  string
}

func (e refusal) Error() string { return e.words }

// unsentError reports that nothing was written, because reading the Secret failed.
type unsentError struct{ error }

func (e unsentError) Unwrap() error { return e.error }

// unreachedError reports that a request was not sent: the server is unreachable, its
// certificate is not trusted, or the user has no credentials.
type unreachedError struct{ error }

func (e unreachedError) Unwrap() error { return e.error }

// recreateError reports that a Secret was not recreated, because it could not be deleted,
// or because it was deleted and then could not be created.
type recreateError struct {
	deleted bool
	error
}

func (e recreateError) Unwrap() error { return e.error }

// quotingError is the error of a request with secret values that are not in the payload.
type quotingError struct {
	values []Value
	error
}

func (e quotingError) Unwrap() error { return e.error }

// answeredError reports whether err is about one operation and comes from this package.
func answeredError(err error) bool {
	return errors.As(err, new(typeError)) || errors.As(err, new(refusal)) || errors.Is(err, errImmutable)
}
