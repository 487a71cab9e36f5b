package secrets

import (
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Reason is the machine-readable reason why an operation failed or was not attempted.
// Reasons without a constant here come from the server (metav1.StatusReason).
type Reason string

// The reasons that this package checks or sets.
const (
	ReasonAlreadyExists    = Reason(metav1.StatusReasonAlreadyExists)
	ReasonNotFound         = Reason(metav1.StatusReasonNotFound) // the Secret or, with CauseNoNamespace, its namespace
	ReasonTypeMismatch     = Reason("TypeMismatch")
	ReasonImmutable        = Reason("Immutable")
	ReasonNoAnswer         = Reason("NoAnswer")
	ReasonCanceled         = Reason("Canceled")
	ReasonBatchRefused     = Reason("BatchRefused")
	ReasonStopped          = Reason("Stopped")
	ReasonManagedElsewhere = Reason("ManagedElsewhere")
	ReasonInUse            = Reason("InUse")
	ReasonFinalizers       = Reason("Finalizers")
	ReasonNoMerge          = Reason("NoMerge")
	ReasonUnresolved       = Reason("Unresolved")
)

// Cause distinguishes failures that have the same Reason but different remedies.
type Cause int

// The causes of a failure.
const (
	CauseNone        Cause = iota // the Reason is enough
	CauseNoSecret                 // the Secret does not exist
	CauseNoNamespace              // the namespace does not exist
	CauseUnreadable               // the user may not read the Secret
)

// causeOf returns the cause of a failed operation.
func causeOf(err error) Cause {
	var status apierrors.APIStatus
	var other typeError
	switch {
	case errors.As(err, &other) && other.forbidden, errors.As(err, new(unsentError)) && apierrors.IsForbidden(err):
		return CauseUnreadable
	case isMissing(err):
		return CauseNoSecret
	case apierrors.IsNotFound(err) && errors.As(err, &status) && status.Status().Details != nil && status.Status().Details.Kind == "namespaces":
		return CauseNoNamespace
	}
	return CauseNone
}
