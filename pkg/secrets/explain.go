package secrets

import (
	"context"
	"errors"
	"fmt"
	"net"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The reasons of a Result that aren't a metav1.StatusReason.
const (
	reasonTypeMismatch = "TypeMismatch"
	reasonImmutable    = "Immutable"
	reasonNoAnswer     = "NoAnswer"
	reasonCanceled     = "Canceled"
	reasonRefused      = "BatchRefused"
)

// explain says in plain words why op failed and what to do about it, to follow
// "Secret 'x' ". What it can't say better is left in the server's words,
// without the values these may quote.
func explain(op Operation, err error) (reason, words string) {
	var other typeError
	switch {
	case apierrors.IsAlreadyExists(err):
		return string(metav1.StatusReasonAlreadyExists), "already exists: use action update"
	case isMissing(err) && op.Action == ActionUpdate:
		return string(metav1.StatusReasonNotFound), "does not exist: use action create"
	case isMissing(err):
		return string(metav1.StatusReasonNotFound), "does not exist"
	case errors.As(err, &other) && op.Action == ActionDelete:
		return reasonTypeMismatch, fmt.Sprintf("is of type %s, not %s: correct the type, or leave it out", payloadType(other.live), op.Type)
	case errors.As(err, &other):
		return reasonTypeMismatch, fmt.Sprintf("is of type %s, which can't be changed: delete and create it", payloadType(other.live))
	case errors.Is(err, errImmutable):
		return reasonImmutable, "is immutable: delete and create it"
	case isDial(err):
		return reasonNoAnswer, fmt.Sprintf("was not %s, because the server can't be reached: %v", op.done(), op.safe(err))
	case noAnswer(err) && !apierrors.IsUnauthorized(err):
		return reasonNoAnswer, fmt.Sprintf("may or may not have been %s, because the server's answer got lost: %v", op.done(), op.safe(err))
	}
	return string(apierrors.ReasonForError(err)), fmt.Sprintf("could not be %s: %v", op.done(), op.safe(err))
}

// noAnswer reports whether err would be the same for every operation: it isn't
// the server's answer to this one, or it is that it doesn't know the user.
func noAnswer(err error) bool {
	var status apierrors.APIStatus
	answered := errors.As(err, &status) || errors.As(err, new(typeError)) || errors.Is(err, errImmutable)
	return err != nil && !answered || apierrors.IsUnauthorized(err)
}

// isDial reports whether err happened before anything was sent.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && !errors.Is(err, context.Canceled)
}

// done is the past participle of the action.
func (op Operation) done() string {
	switch op.Action {
	case ActionCreate:
		return "created"
	case ActionUpdate:
		return "updated"
	}
	return "deleted"
}
