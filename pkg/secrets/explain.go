package secrets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// explain returns why op failed, in words that follow "Secret 'x' ". By default that is
// the server's message without any values that it quotes. If dry is set, the operation
// cannot have taken effect.
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
		return ReasonTypeMismatch, fmt.Sprintf("has type %s, not %s", payloadType(other.live), op.Type)
	case errors.As(err, &other):
		return ReasonTypeMismatch, fmt.Sprintf("has type %s, which cannot be changed; delete and recreate it", payloadType(other.live))
	case errors.Is(err, errImmutable):
		return ReasonImmutable, "is immutable; delete and recreate it"
	case errors.As(err, new(unsentError)):
		return reasonOf(err), fmt.Sprintf("was not %s, because reading it failed: %v", op.done(), op.safe(err))
	case isDial(err), errors.As(err, new(unreachedError)) && !apierrors.IsUnauthorized(err):
		return ReasonNoAnswer, fmt.Sprintf("was not %s, because the server is unreachable: %v", op.done(), op.safe(err))
	case errors.Is(err, errUnexpected):
		return ReasonNoAnswer, fmt.Sprintf("may or may not have been %s: %v", op.done(), errUnexpected)
	case noAnswer(err) && !apierrors.IsUnauthorized(err):
		return ReasonNoAnswer, fmt.Sprintf("may or may not have been %s, because the server's response was lost: %v", op.done(), op.safe(err))
	case !dry && isServerError(err):
		return reasonOf(err), fmt.Sprintf("may or may not have been %s, because the server failed: %v", op.done(), op.safe(err))
	}
	return reasonOf(err), fmt.Sprintf("could not be %s: %v", op.done(), op.safe(err))
}

// explain returns the message for a Secret whose type could not be read.
func (e typeError) explain(op Operation) string {
	words := fmt.Sprintf("has a type other than %s, which cannot be changed", op.Type)
	if e.forbidden {
		words += fmt.Sprintf(` (missing permission: get secrets "%s")`, op.Name)
	}
	return words
}

// explain returns the reason and message for the step that failed.
func (e recreateError) explain(op Operation, dry bool) (reason Reason, words string) {
	if !e.deleted {
		op.Action = ActionDelete
		reason, words = explain(op, e.error, dry)
		return reason, "was not recreated: it " + words
	}
	op.Action = ActionCreate
	reason, words = explain(op, e.error, dry)
	return reason, "was deleted, and then " + words
}

// reasonOf returns the server's reason, or ReasonNoAnswer without a response.
func reasonOf(err error) Reason {
	if noAnswer(err) && !apierrors.IsUnauthorized(err) {
		return ReasonNoAnswer
	}
	return Reason(apierrors.ReasonForError(err))
}

// noAnswer reports whether err would be the same for every operation: the server did not
// respond, or it rejected the user's credentials.
func noAnswer(err error) bool {
	var status apierrors.APIStatus
	return err != nil && !errors.As(err, &status) && !answeredError(err) || apierrors.IsUnauthorized(err)
}

// isServerError reports whether the server, its storage or a proxy failed during a
// request that may have taken effect. Failed calls of admission webhooks do not count,
// because they happen before the write.
func isServerError(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code >= 500 && !strings.Contains(err.Error(), "failed calling webhook")
}

// isDial reports whether connecting failed, so that nothing was sent.
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
