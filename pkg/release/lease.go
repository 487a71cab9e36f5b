package release

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"helm.sh/helm/v3/pkg/release"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	// runLabel marks the record of a run that is under way, or was killed.
	runLabel = "kubectl-blueprint.github.io/run"
	// renewalAnnotation changes with every heartbeat. Records are rewritten without it.
	renewalAnnotation = "kubectl-blueprint.github.io/beat"

	// renewInterval is the time from heartbeat to heartbeat.
	renewInterval = 2 * time.Second
	// leaseDuration is how long a record has to stay as it is until its run is taken
	// for dead: more than three heartbeats.
	leaseDuration = 7 * time.Second
)

// lease is what a run has of the record that it works on.
type lease struct {
	key      string
	stop     context.CancelFunc
	done     chan struct{}
	lost     atomic.Bool // another run has taken over
	released atomic.Bool // the run is at its end

	// renewedAt is when the record was last known to be the run's: when the request
	// was sent, for the answer may be read after a sleep. In Unix seconds, of the
	// clock that goes on while a machine sleeps.
	renewedAt atomic.Int64
	renewals  atomic.Int64
}

// acquire begins to keep a record fresh that carries the run's mark, as it did at
// the given time.
func (r *run) acquire(key string, confirmed time.Time) {
	ctx, stop := context.WithCancel(context.WithoutCancel(r.ctx)) // an interrupted run lives until its end
	l := &lease{key: key, stop: stop, done: make(chan struct{})}
	l.renewedAt.Store(confirmed.Unix())
	r.lease = l
	go func() {
		defer close(l.done)
		if r.recordObjects() == nil {
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(renewInterval):
			}
			_ = r.renew(ctx, l) // it passes, shows where it matters, or is kept in l
		}
	}()
}

// release stops the heartbeat, and returns when the last one is through.
func (l *lease) release() {
	if l != nil {
		l.released.Store(true)
		l.stop()
		<-l.done
	}
}

// renew changes the record as a sign of life, or finds that it is another run's.
// It does not wait for an answer that would come too late to be of use.
func (r *run) renew(parent context.Context, l *lease) error {
	ctx, cancel := context.WithTimeout(parent, 2*renewInterval)
	defer cancel()
	err := r.tryRenew(ctx, l)
	if err != nil && ctx.Err() != nil && parent.Err() == nil {
		return errNotRenewed{}
	}
	return err
}

func (r *run) tryRenew(ctx context.Context, l *lease) error {
	now := time.Now()
	o, err := r.recordObjects().Get(ctx, l.key, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && o.GetLabels()[runLabel] != r.id {
		l.lost.Store(true)
	}
	if err != nil || l.lost.Load() {
		return err
	}
	annotations := o.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[renewalAnnotation] = strconv.FormatInt(l.renewals.Add(1), 10)
	o.SetAnnotations(annotations)
	_, err = r.recordObjects().Update(ctx, o, metav1.UpdateOptions{}) // refused where the record was written meanwhile
	if err == nil {
		l.renewedAt.Store(now.Unix())
	}
	return err
}

// takeOver puts the run's mark on the record of a dead one. Of several that try,
// one succeeds: the record must be as it was read, and of the version seen, if
// one is given.
func (r *run) takeOver(last *release.Release, seen string) error {
	o, err := r.recordObjects().Get(r.ctx, recordKey(last), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return r.errBusy(last.Version)
	}
	if err != nil {
		return err
	}
	labels := o.GetLabels()
	if labels[runLabel] == r.id {
		return nil // the server has heard a request whose answer was lost
	}
	if !sameRun(o, last) || seen != "" && o.GetResourceVersion() != seen {
		return r.errBusy(last.Version)
	}
	labels[runLabel] = r.id
	o.SetLabels(labels)
	_, err = r.recordObjects().Update(r.ctx, o, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return r.errBusy(last.Version)
	}
	return err // a conflict is looked into by the next try
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
