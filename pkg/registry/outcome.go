package registry

import (
	"errors"
	"fmt"
)

// Outcome is the machine-readable result of a login or of an image check.
type Outcome string

// The outcomes. AuthRequired and NoImage apply to image checks only.
const (
	Accepted       Outcome = "accepted"
	Anonymous      Outcome = "open"           // the registry does not ask for credentials
	BadCredentials Outcome = "wrong"          // user name or password
	Expired        Outcome = "expired"        // according to the registry
	Forbidden      Outcome = "forbidden"      // HTTP 403: revoked, without permission, or wrong
	AuthRequired   Outcome = "closed"         // there are no credentials, and the registry requires some
	NoImage        Outcome = "no-image"       // not found with valid credentials
	Unreachable    Outcome = "unreachable"    // from this machine
	Untrusted      Outcome = "untrusted"      // TLS
	PlainHTTP      Outcome = "plain-http"     // the password was not sent
	NotRegistry    Outcome = "not-a-registry" // the server is not a registry
	ServerError    Outcome = "failing"        // the registry failed for another reason than the credentials
	NoLogin        Outcome = "no-login"       // the Secret has no user name or no password
	NotChecked     Outcome = "untested"       // there is no host to log in to, or not from this machine
)

// Error is a login or an image check that did not succeed.
type Error struct {
	Outcome Outcome
	Server  string // as the credentials name it
	Reason  string // what happened and what to do
}

func (e *Error) Error() string { return fmt.Sprintf("logging in to %q: %s", e.Server, e.Reason) }

// OutcomeOf returns the outcome for an error of Login or CheckImage, or "" if
// the context ended first.
func OutcomeOf(err error) Outcome {
	var fault *Error
	switch {
	case err == nil:
		return Accepted
	case errors.As(err, &fault):
		return fault.Outcome
	}
	return ""
}

func newError(o Outcome, format string, args ...any) *Error {
	return &Error{Outcome: o, Reason: fmt.Sprintf(format, args...)}
}

// of sets the server. It returns a nil error for a nil *Error.
func (e *Error) of(server string) error {
	if e == nil {
		return nil
	}
	e.Server = server
	return e
}
