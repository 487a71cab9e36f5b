package release

import (
	"fmt"
	"time"

	"helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// settle looks at the release as it is, and returns once nobody works on it:
// what a killed run has left is marked as failed, so that Helm goes on from
// there. A run that works is not waited for, but an error.
func (r *run) settle() error {
	if err := r.ctx.Err(); err != nil { // Helm itself would not ask
		return fmt.Errorf("not begun: %w", err)
	}
	if err := r.patiently(r.look); err != nil {
		return err
	}
	last := r.last()
	if last == nil || !working(last.Info.Status) {
		return nil
	}
	marked := r.records() != nil && last.Labels[runLabel] != ""
	switch {
	case marked:
		if err := r.inherit(last); err != nil {
			return err
		}
	case !r.insist:
		return r.errHelms(last)
	}
	r.say("release %s, revision %d: left %s by a run that was killed; going on from there", r.name, last.Version, last.Info.Status)
	last.SetStatus(release.StatusFailed, fmt.Sprintf("killed while %s", last.Info.Status))
	delete(last.Labels, runLabel)
	return r.patiently(func() error { return r.store.Update(recordKey(last), last) })
}

func (r *run) look() (err error) {
	r.past, err = history(r.store, r.name)
	return err
}

// inherit takes over the record of a dead run.
func (r *run) inherit(last *release.Release) error {
	r.say("release %s, revision %d is %s: looking for %v whether the run that made it so is alive", r.name, last.Version, last.Info.Status, deadAfter)
	var seen string
	err := r.patiently(func() (err error) {
		seen, err = r.listen(last)
		return err
	})
	if err != nil {
		return err
	}
	return r.patiently(func() error { return r.claim(recordKey(last), seen) })
}

// listen returns the version of a record that had no heartbeat.
func (r *run) listen(last *release.Release) (string, error) {
	seen := ""
	for since := time.Now(); seen == "" || time.Since(since) < deadAfter; {
		o, err := r.records().Get(r.ctx, recordKey(last), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return "", r.errBusy(last.Version) // removed by a run that has ended just now
		}
		if err != nil {
			return "", err
		}
		if seen == "" {
			seen = o.GetResourceVersion()
		}
		if o.GetResourceVersion() != seen {
			return "", r.errBusy(last.Version)
		}
		if err := r.wait(beat / 4); err != nil {
			return "", err
		}
	}
	return seen, nil
}
