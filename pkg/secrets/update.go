package secrets

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// conflictTries is the maximum number of attempts of a write that conflicts with others.
const conflictTries = 50

// upsert creates or updates a Secret, in one request if the known state is still correct.
func (b *Batch) upsert(ctx context.Context, op Operation, s state, dryRun []string) (answer, error) {
	missing := s.known && !s.exists
	for range conflictTries {
		var a answer
		var err error
		if missing {
			a, err = b.create(ctx, op, dryRun)
		} else {
			a, err = b.update(ctx, op, s.live, dryRun)
		}
		if missing && !apierrors.IsAlreadyExists(err) || !missing && !isMissing(err) {
			return a, err
		}
		missing = !missing
	}
	return answer{}, apierrors.NewConflict(corev1.Resource("secrets"), op.Name, errors.New("it is repeatedly created and deleted"))
}

// update changes a Secret that exists. live is the Secret if it was read.
func (b *Batch) update(ctx context.Context, op Operation, live *corev1.Secret, dryRun []string) (answer, error) {
	write := func() (answer, error) {
		if op.mergesRegistries() {
			return b.mergeRegistries(ctx, op, live, dryRun)
		}
		return b.patch(ctx, op, dryRun)
	}
	a, err := write()
	live = nil // out of date if there was a conflict
	for try := 1; try < conflictTries && apierrors.IsConflict(err) && waitBefore(ctx, try); try++ {
		a, err = write()
	}
	if b.recreates(op, err) {
		return b.recreate(ctx, op, dryRun)
	}
	return a, err
}

// waitBefore waits before a retry after a conflict, longer each time. It reports false if
// ctx is done.
func waitBefore(ctx context.Context, try int) bool {
	longest := min(time.Duration(try)*10*time.Millisecond, 200*time.Millisecond)
	select {
	case <-time.After(rand.N(longest)):
		return true
	case <-ctx.Done():
		return false
	}
}

func (b *Batch) patch(ctx context.Context, op Operation, dryRun []string) (answer, error) {
	kind, body, err := op.patch()
	if err != nil {
		return answer{}, err
	}
	live, err := b.secrets.Patch(ctx, op.Name, kind, body, metav1.PatchOptions{DryRun: dryRun, FieldManager: ownership.FieldManager})
	return answer{updated, live}, b.whyInvalid(ctx, op, err)
}

// whyInvalid returns the cause if the server rejected a patch as invalid, or else err.
func (b *Batch) whyInvalid(ctx context.Context, op Operation, err error) error {
	switch {
	case !apierrors.IsInvalid(err):
		return err
	case !refusedAsImmutable(err, "type") && refusedAsImmutable(err, "data", "immutable"):
		return errImmutable
	case !refusedAsImmutable(err, "type"):
		return err
	}
	live, getErr := b.secrets.Get(ctx, op.Name, metav1.GetOptions{})
	switch {
	case getErr == nil && live.Type != op.secretType():
		return typeError{live: live.Type}
	case getErr != nil:
		return typeError{forbidden: apierrors.IsForbidden(getErr)}
	}
	return err
}

// refusedAsImmutable reports whether the server rejected a patch because one of the fields
// is immutable.
func refusedAsImmutable(err error, fields ...string) bool {
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	return slices.ContainsFunc(status.Status().Details.Causes, func(c metav1.StatusCause) bool {
		return slices.Contains(fields, c.Field) && strings.Contains(c.Message, "immutable")
	})
}
