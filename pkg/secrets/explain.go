package secrets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// explain returns why op failed and how to fix it, in words that follow "Secret 'x' ". It
// keeps the server's message if it has no better one, without the values that the message
// may quote. dry is whether the operation cannot have taken effect.
func explain(op Operation, err error, dry bool) (reason Reason, words string) {
	var other typeError
	var refused refusal
	var half recreateError
	switch {
	case errors.As(err, &half):
		return half.explain(op, dry)
	case errors.As(err, &refused):
		return refused.reason, refused.words
	case apierrors.IsAlreadyExists(err) && strings.Contains(err.Error(), "object is being deleted"):
		return errDeleting.reason, errDeleting.words
	case apierrors.IsAlreadyExists(err):
		return ReasonAlreadyExists, "already exists"
	case isMissing(err):
		return ReasonNotFound, "does not exist"
	case errors.As(err, &other) && other.live == "":
		return ReasonTypeMismatch, other.explain(op)
	case errors.As(err, &other) && op.Action == ActionDelete:
		return ReasonTypeMismatch, fmt.Sprintf("is of type %s, not %s: correct the type, or leave it out", payloadType(other.live), op.Type)
	case errors.As(err, &other):
		return ReasonTypeMismatch, fmt.Sprintf("is of type %s, which can't be changed: delete and create it", payloadType(other.live))
	case errors.Is(err, errImmutable):
		return ReasonImmutable, "is immutable: delete and create it"
	case errors.As(err, new(unsentError)):
		return reasonOf(err), fmt.Sprintf("was not %s, because it can't be read: %v", op.done(), op.safe(err))
	case isDial(err), errors.As(err, new(unreachedError)) && !apierrors.IsUnauthorized(err):
		return ReasonNoAnswer, fmt.Sprintf("was not %s, because the server can't be reached: %v", op.done(), op.safe(err))
	case errors.Is(err, errUnexpected):
		return ReasonNoAnswer, fmt.Sprintf("may or may not have been %s: %v", op.done(), errUnexpected)
	case noAnswer(err) && !apierrors.IsUnauthorized(err):
		return ReasonNoAnswer, fmt.Sprintf("may or may not have been %s, because the server's answer got lost: %v", op.done(), op.safe(err))
	case !dry && isServerError(err):
		return reasonOf(err), fmt.Sprintf("may or may not have been %s, because the server failed: %v", op.done(), op.safe(err))
	}
	return reasonOf(err), fmt.Sprintf("could not be %s: %v", op.done(), op.safe(err))
}

// explain returns what is known of a Secret whose type could not be read.
func (e typeError) explain(op Operation) string {
	words := fmt.Sprintf("is of another type than %s, which can't be changed", op.Type)
	if e.forbidden {
		words += fmt.Sprintf(` (missing permission: get secrets "%s")`, op.Name)
	}
	return words
}

// explain returns at which step recreating a Secret failed.
func (e recreateError) explain(op Operation, dry bool) (reason Reason, words string) {
	if !e.deleted {
		op.Action = ActionDelete
		reason, words = explain(op, e.error, dry)
		return reason, "has to be deleted first, and " + words
	}
	op.Action = ActionCreate
	reason, words = explain(op, e.error, dry)
	return reason, "was deleted to be created anew, and then " + words
}

// reasonOf returns the server's reason, or that there was no answer.
func reasonOf(err error) Reason {
	if noAnswer(err) && !apierrors.IsUnauthorized(err) {
		return ReasonNoAnswer
	}
	return Reason(apierrors.ReasonForError(err))
}

// noAnswer reports whether err would be the same for every operation: it isn't
// the server's answer to this one, or it is that it doesn't know the user.
func noAnswer(err error) bool {
	var status apierrors.APIStatus
	return err != nil && !errors.As(err, &status) && !answeredError(err) || apierrors.IsUnauthorized(err)
}

// isServerError reports whether the server, its storage or something between
// failed at a request that may have been carried out by then. An admission
// webhook that can't be called comes before that.
func isServerError(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code >= 500 && !strings.Contains(err.Error(), "failed calling webhook")
}

// isDial reports whether err happened before anything was sent.
func isDial(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" && !errors.Is(err, context.Canceled)
}

// done returns the past participle of the action.
func (op Operation) done() string {
	switch op.Action {
	case ActionCreate:
		return "created"
	case ActionUpdate:
		return "updated"
	case ActionApply:
		return "applied"
	}
	return "deleted"
}
