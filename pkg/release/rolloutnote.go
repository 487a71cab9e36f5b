package release

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

const (
	// rolloutFailedLabel is on the record of a revision whose rollout failed. Its value is
	// the number of the revision: Helm copies labels to the revisions that it makes of one.
	// The status stays deployed, because all objects were applied.
	rolloutFailedLabel = "kubectl-blueprint.github.io/rollout-failed"
	// rolloutFailedNote ends the description of such a revision, for people; a colon and
	// the reason may follow.
	rolloutFailedNote = "; rollout failed"
)

// reasonPattern matches a Kubernetes reason, as opposed to a message, which may contain anything.
var reasonPattern = regexp.MustCompile(`^[A-Z][A-Za-z]{1,60}$`)

// rolloutFailed reports whether a record is marked as one whose rollout failed.
func rolloutFailed(r *release.Release) bool {
	return r.Labels[rolloutFailedLabel] == strconv.Itoa(r.Version)
}

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
		return fmt.Errorf("cannot write the record: %w", c.redactError(serverError(err)))
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
	description := record.Info.Description
	if rolloutFailed(record) {
		description, _, _ = strings.Cut(description, rolloutFailedNote)
	}
	if record.Info.Status != release.StatusDeployed || record.Labels[runLabel] != "" || record.Info.Description == description+note {
		return nil
	}
	record.Info.Description = description + note
	record.Labels = maps.Clone(record.Labels)
	delete(record.Labels, rolloutFailedLabel)
	if note != "" {
		if record.Labels == nil {
			record.Labels = map[string]string{}
		}
		record.Labels[rolloutFailedLabel] = strconv.Itoa(record.Version)
	}
	if err := r.store.Update(recordKey(last), record); !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}
