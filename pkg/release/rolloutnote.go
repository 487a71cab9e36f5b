package release

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// rolloutFailedNote ends the description of a revision whose rollout failed; a colon and
// the reason may follow. The status stays deployed, because all objects were applied.
const rolloutFailedNote = ", but it did not work"

// reasonPattern matches a Kubernetes reason, as opposed to a message, which may contain anything.
var reasonPattern = regexp.MustCompile(`^[A-Z][A-Za-z]{1,60}$`)

// RolloutFailed reports whether the last watched rollout of the revision failed.
func (r *Release) RolloutFailed() bool { return strings.Contains(r.Description, rolloutFailedNote) }

// NoteRolloutFailed records that the rollout of r failed, with the reason if it is a
// single word. It does nothing if another run has changed the release since, or if a
// database holds the releases.
func (c *Client) NoteRolloutFailed(ctx context.Context, r *Release, reason string) error {
	note := rolloutFailedNote
	if reason = c.Redact(reason); reasonPattern.MatchString(reason) {
		note += ": " + reason
	}
	return c.note(ctx, r, note)
}

// NoteRolloutSucceeded removes the note of NoteRolloutFailed.
func (c *Client) NoteRolloutSucceeded(ctx context.Context, r *Release) error {
	return c.note(ctx, r, "")
}

func (c *Client) note(ctx context.Context, noted *Release, note string) error {
	r, err := c.newRun(ctx, noted.Name)
	if err != nil || r.recordObjects() == nil {
		return err
	}
	if err := r.retry(func() error { return r.note(noted, note) }); err != nil {
		return fmt.Errorf("writing the record: %w", c.redactError(serverError(err)))
	}
	return nil
}

// note replaces the note on a revision, if that is still the newest one and no run is in
// progress. A concurrent write is a conflict, and retry tries again.
func (r *run) note(noted *Release, note string) error {
	if err := r.loadHistory(); err != nil {
		return err
	}
	last := r.last()
	if last == nil || last.Version != noted.Revision || !last.Info.LastDeployed.Time.Equal(noted.Updated) {
		return nil
	}
	record, err := r.store.Get(recordKey(last))
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	said, _, _ := strings.Cut(record.Info.Description, rolloutFailedNote)
	if record.Info.Status != release.StatusDeployed || record.Labels[runLabel] != "" || record.Info.Description == said+note {
		return nil
	}
	record.Info.Description = said + note
	if err := r.store.Update(recordKey(last), record); !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}
