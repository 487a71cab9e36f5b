package registry

import (
	"errors"
	"fmt"
)

// Outcome is what came of a login, or of the check of an image, in a word for
// programs.
type Outcome string

// The outcomes. Closed and NoImage are of images alone.
const (
	Accepted       Outcome = "accepted"
	Anonymous      Outcome = "open"           // the registry doesn't ask for credentials
	BadCredentials Outcome = "wrong"          // user name or password
	Expired        Outcome = "expired"        // in the registry's own words
	Forbidden      Outcome = "forbidden"      // HTTP 403: revoked, without the right, or wrong
	AuthRequired   Outcome = "closed"         // there are no credentials, and the registry asks for some
	NoImage        Outcome = "no-image"       // those let in are told that there is none
	Unreachable    Outcome = "unreachable"    // from here
	Untrusted      Outcome = "untrusted"      // TLS
	PlainHTTP      Outcome = "plain-http"     // so the password was not sent
	NotRegistry    Outcome = "not-a-registry" // what answers is none
	ServerError    Outcome = "failing"        // a registry whose answer is not about the credentials
	NoLogin        Outcome = "no-login"       // the Secret has no user name or no password
	NotChecked     Outcome = "untested"       // there is nothing to log in to, or not from here
)

// Error is a login that did not come to be accepted.
type Error struct {
	Outcome Outcome
	Server  string // as the credentials name it
	Reason  string // what happened, and what to do
}

func (e *Error) Error() string { return fmt.Sprintf("logging in to %q: %s", e.Server, e.Reason) }

// OutcomeOf returns the outcome of a login from its error, or "" where the login
// was given up.
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

// of names the server. It returns a nil error for a nil *Error.
func (e *Error) of(server string) error {
	if e == nil {
		return nil
	}
	e.Server = server
	return e
}
