package release

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// rolloutFailedNote is what the description of a revision ends with that did not work
// when it was watched; a colon and the reason may follow. The status stays
// deployed, for all objects are what the revision says.
const rolloutFailedNote = ", but it did not work"

// word is what a reason of Kubernetes looks like: no message, in which anything
// might be.
var word = regexp.MustCompile(`^[A-Z][A-Za-z]{1,60}$`)

// RolloutFailed reports whether the revision did not work when it was watched last.
func (r *Release) RolloutFailed() bool { return strings.Contains(r.Description, rolloutFailedNote) }

// NoteRolloutFailed notes on the record of r, which was deployed, that it does not work,
// and why if reason is a word. What another run has made of the release
// meanwhile is left as it is. Nothing is noted in a database.
func (c *Client) NoteRolloutFailed(ctx context.Context, r *Release, reason string) error {
	note := rolloutFailedNote
	if reason = c.Redact(reason); word.MatchString(reason) {
		note += ": " + reason
	}
	return c.note(ctx, r, note)
}

// NoteRolloutSucceeded takes the note of NoteRolloutFailed off again.
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

// note has the description of a revision end with note, if it is the newest one
// still and no run works on its record. Where that was written between reading
// and writing it is a conflict, after which retry looks anew.
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
