package release

import (
	"fmt"

	"helm.sh/helm/v3/pkg/release"
)

// recoverPending loads the history and makes sure that no other run is in progress. It
// marks the record of a killed run as failed, so that Helm can continue from there. It
// returns ErrBusy for a run that is alive.
func (r *run) recoverPending() error {
	if err := r.ctx.Err(); err != nil { // Helm does not check
		return fmt.Errorf("not started: %w", err)
	}
	if err := r.retry(r.loadHistory); err != nil {
		return err
	}
	if err := r.checkUnchanged(); err != nil {
		return err
	}
	last := r.last()
	if last == nil || !inProgress(last.Info.Status) {
		return nil
	}
	marked := r.recordObjects() != nil && last.Labels[runLabel] != ""
	switch {
	case marked:
		if err := r.recoverLease(last); err != nil {
			return err
		}
	case !r.forceTakeover:
		return r.errHelms(last)
	}
	r.logOnce("release %s (revision %d): left %s by an interrupted run; resuming", r.name, last.Version, last.Info.Status)
	if err := r.retry(func() error { return r.markKilled(last, marked) }); err != nil {
		return err
	}
	r.tookOver = true
	return r.reviewAgain()
}

// markKilled marks the record of a killed run as failed, if it is unchanged since it
// was read. With tookOver set, it must carry the label of this run, from takeOver.
func (r *run) markKilled(last *release.Release, tookOver bool) error {
	key, mark := recordKey(last), ""
	if tookOver {
		mark = r.id
	}
	killed := "killed while " + last.Info.Status.String()
	found, err := r.store.Get(key)
	switch {
	case isNotFound(err):
		return r.errBusy(last.Version)
	case err != nil:
		return err
	case found.Labels[runLabel] == "" && found.Info.Status == release.StatusFailed && found.Info.Description == killed:
		// An earlier attempt succeeded, but its response was lost.
	case found.Labels[runLabel] != mark || found.Info.Status != last.Info.Status || !found.Info.LastDeployed.Equal(last.Info.LastDeployed):
		return r.errBusy(last.Version)
	default:
		found.SetStatus(release.StatusFailed, killed)
		delete(found.Labels, runLabel)
		if err := r.store.Update(key, found); err != nil {
			return err
		}
	}
	*last = *found
	return nil
}
