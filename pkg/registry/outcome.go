package registry

import (
	"errors"
	"fmt"
)

// Outcome is the machine-readable result of a login or of the check of an image.
type Outcome string

// The outcomes. Only checks of images return AuthRequired and NoImage.
const (
	Accepted       Outcome = "accepted"
	Anonymous      Outcome = "anonymous"       // the registry does not ask for credentials
	BadCredentials Outcome = "bad-credentials" // wrong user name or password
	Expired        Outcome = "expired"         // according to the registry's message
	Forbidden      Outcome = "forbidden"       // HTTP 403: revoked, wrong, or without permission
	AuthRequired   Outcome = "auth-required"   // the registry requires credentials, and there are none
	NoImage        Outcome = "no-image"        // the image or tag does not exist
	Unreachable    Outcome = "unreachable"     // from this machine
	Untrusted      Outcome = "untrusted"       // TLS failed
	PlainHTTP      Outcome = "plain-http"      // the password was not sent
	NotRegistry    Outcome = "not-a-registry"  // another kind of server responded
	ServerError    Outcome = "server-error"    // the response is not about the credentials
	NoLogin        Outcome = "no-credentials"  // the Secret has no user name or password
	NotChecked     Outcome = "not-checked"     // the server is unknown, or cannot be checked from this machine
)

// Error is the error of a login or of the check of an image.
type Error struct {
	Outcome Outcome
	Server  string // as spelled in the credentials
	Reason  string // the cause, and possibly the fix
}

func (e *Error) Error() string { return fmt.Sprintf("logging in to %q: %s", e.Server, e.Reason) }

// OutcomeOf returns the outcome of a login from its error, or "" if it was interrupted.
func OutcomeOf(err error) Outcome {
	var failure *Error
	switch {
	case err == nil:
		return Accepted
	case errors.As(err, &failure):
		return failure.Outcome
	}
	return ""
}

func newError(o Outcome, format string, args ...any) *Error {
	return &Error{Outcome: o, Reason: fmt.Sprintf(format, args...)}
}

// of sets the server and returns e as an error, which is nil if e is nil.
func (e *Error) of(server string) error {
	if e == nil {
		return nil
	}
	e.Server = server
	return e
}
