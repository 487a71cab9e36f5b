package release

import (
	"fmt"
	"time"

	"helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// recoverPending looks at the release as it is, and returns once nobody works on it:
// what a killed run has left is marked as failed, so that Helm goes on from
// there. A run that works is not waited for, but an error.
func (r *run) recoverPending() error {
	if err := r.ctx.Err(); err != nil { // Helm itself would not ask
		return fmt.Errorf("not begun: %w", err)
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
	r.logOnce("release %s, revision %d: left %s by a run that was killed; going on from there", r.name, last.Version, last.Info.Status)
	if err := r.retry(func() error { return r.markKilled(last, marked) }); err != nil {
		return err
	}
	r.tookOver = true
	return r.reviewAgain()
}

// markKilled marks the record of a dead run as failed, if it still is as it was
// read, or as this run's claim has left it.
func (r *run) markKilled(last *release.Release, claimed bool) error {
	key, mark := recordKey(last), ""
	if claimed {
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
		// The server has heard a request whose answer was lost.
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

func (r *run) loadHistory() (err error) {
	r.past, err = history(r.store, r.name)
	return err
}

// recoverLease takes over the record of a dead run.
func (r *run) recoverLease(last *release.Release) error {
	r.logOnce("release %s, revision %d is %s: looking for %v whether the run that made it so is alive", r.name, last.Version, last.Info.Status, leaseDuration)
	seen, err := r.waitForExpiry(last)
	if err != nil {
		return err
	}
	return r.retry(func() error { return r.takeOver(last, seen) })
}

// waitForExpiry returns the version of a record whose lease was not renewed for as long
// as a lease holds: from the first answer of the server to the last question.
func (r *run) waitForExpiry(last *release.Release) (string, error) {
	seen, err := r.pending(last, "")
	if err != nil {
		return "", err
	}
	for since := time.Now(); time.Since(since) < leaseDuration; {
		if err := r.wait(renewInterval / 4); err != nil {
			return "", err
		}
		if _, err := r.pending(last, seen); err != nil {
			return "", err
		}
	}
	return seen, nil
}

// pending returns the version of a record that still is as it was read, or
// ErrBusy: its run is alive, has ended, or was taken over by another one.
func (r *run) pending(last *release.Release, version string) (now string, err error) {
	err = r.retry(func() error {
		o, err := r.recordObjects().Get(r.ctx, recordKey(last), metav1.GetOptions{})
		if apierrors.IsNotFound(err) || err == nil && (!sameRun(o, last) || version != "" && o.GetResourceVersion() != version) {
			return r.errBusy(last.Version)
		}
		if err != nil {
			return err
		}
		now = o.GetResourceVersion()
		return nil
	})
	return now, err
}

// sameRun reports whether a record has the status and the mark that it had when
// it was read.
func sameRun(o *unstructured.Unstructured, last *release.Release) bool {
	return o.GetLabels()["status"] == last.Info.Status.String() && o.GetLabels()[runLabel] == last.Labels[runLabel]
}
