package secrets

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// The effects of an operation.
const (
	created   = "created"
	updated   = "updated" // if the resourceVersion changed, otherwise without effect
	recreated = "recreated"
	deleted   = "deleted"
	deleting  = "deleting"  // marked for deletion; waits for finalizers
	unchanged = "unchanged" // nothing was sent
)

// answer is the effect of a successful operation.
type answer struct {
	did  string
	live *corev1.Secret // the Secret afterwards, or nil if it is deleted
}

// send runs one operation. The known state of the Secret decides only which request is
// sent first. dryRun is nil or metav1.DryRunAll.
func (b *Batch) send(ctx context.Context, op Operation, s state, dryRun []string) (answer, error) {
	if err := b.precondition(op, s); err != nil {
		return answer{}, err
	}
	if s.live != nil && op.isUpToDate(s.live) {
		return answer{unchanged, s.live}, nil
	}
	if missing := b.noNamespace.Load(); missing != nil { // the response would be the same
		return answer{}, *missing
	}
	traced, sent := onWire(ctx)
	a, err := b.request(traced, op, s, dryRun)
	if noAnswer(err) && !apierrors.IsUnauthorized(err) && !sent() {
		err = unreachedError{err}
	}
	return a, b.orNoNamespace(ctx, err)
}

// orNoNamespace returns err, or the server's error for a missing namespace, which it
// requests once and keeps.
func (b *Batch) orNoNamespace(ctx context.Context, err error) error {
	if isMissing(err) {
		b.askNamespace.Do(func() { b.keepNoNamespace(b.probeNamespace(ctx)) })
	}
	b.keepNoNamespace(err)
	if missing := b.noNamespace.Load(); missing != nil && apierrors.IsNotFound(err) {
		return *missing
	}
	return err
}

// keepNoNamespace keeps err if it reports that the namespace is missing.
func (b *Batch) keepNoNamespace(err error) {
	if apierrors.IsNotFound(err) && !isMissing(err) {
		b.noNamespace.Store(&err)
	}
}

// precondition returns why an operation is not attempted, or nil.
func (b *Batch) precondition(op Operation, s state) error {
	switch {
	case op.unresolved():
		return refusal{ReasonUnresolved, "was not changed: its references are not resolved"}
	case op.Action != ActionCreate && s.owner != "" && !b.Force:
		return refusal{ReasonManagedElsewhere, s.owner}
	case op.Action == ActionDelete && b.InUse[op.Name] != "" && !b.Force && (s.exists || !s.known):
		return refusal{ReasonInUse, "is in use by " + b.InUse[op.Name]}
	}
	return nil
}

// probeNamespace returns the server's error if the namespace is missing. The response to
// an update or a delete only names the missing Secret.
func (b *Batch) probeNamespace(ctx context.Context) error {
	probe := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{GenerateName: "probe-"}}
	_, err := b.secrets.Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	return err
}

func (b *Batch) request(ctx context.Context, op Operation, s state, dryRun []string) (answer, error) {
	switch op.Action {
	case ActionCreate:
		return b.create(ctx, op, dryRun)
	case ActionUpdate:
		return b.update(ctx, op, s.live, dryRun)
	case ActionApply:
		return b.upsert(ctx, op, s, dryRun)
	case ActionDelete:
		return b.delete(ctx, op, s.live, dryRun)
	}
	return answer{}, fmt.Errorf("unknown action %q", op.Action)
}

func (b *Batch) create(ctx context.Context, op Operation, dryRun []string) (answer, error) {
	live, err := b.secrets.Create(ctx, op.secret(), metav1.CreateOptions{DryRun: dryRun, FieldManager: ownership.FieldManager})
	return answer{created, live}, err
}

// getForWrite reads the Secret that a write depends on. It returns an error if this batch
// must not change it.
func (b *Batch) getForWrite(ctx context.Context, op Operation) (*corev1.Secret, error) {
	live, err := b.secrets.Get(ctx, op.Name, metav1.GetOptions{})
	if err != nil {
		return nil, unsentError{err}
	}
	return live, b.precondition(op, stateOf(live))
}

// delete deletes the Secret. If the operation has a type, it needs the live Secret, reads
// it if live is nil, and deletes only this one.
func (b *Batch) delete(ctx context.Context, op Operation, live *corev1.Secret, dryRun []string) (answer, error) {
	options := metav1.DeleteOptions{DryRun: dryRun}
	if op.Type != "" {
		var err error
		if live == nil {
			live, err = b.getForWrite(ctx, op)
		}
		if err != nil {
			return answer{}, err
		}
		if live.Type != op.secretType() {
			return answer{}, typeError{live: live.Type}
		}
		options.Preconditions = metav1.NewUIDPreconditions(string(live.UID))
	}
	held, err := deleteSecret(ctx, b.rest, b.namespace, op.Name, &options)
	if held != nil && len(held.Finalizers) > 0 {
		return answer{deleting, held}, nil
	}
	return answer{did: deleted}, err
}
