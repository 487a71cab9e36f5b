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
	// runLabel is on the record of a run in progress, or of one that was killed. Its value
	// is the ID of the run.
	runLabel = "kubectl-blueprint.github.io/run"
	// renewalAnnotation counts renewals of the lease. Helm drops it whenever it rewrites
	// the record.
	renewalAnnotation = "kubectl-blueprint.github.io/beat"

	// renewInterval is the time between two renewals.
	renewInterval = 2 * time.Second
	// leaseDuration is how long a record must stay unchanged before another run may take
	// over: more than three renewal intervals.
	leaseDuration = 7 * time.Second
)

// lease is the exclusive right of a run to change its release. It is held through the
// record of that run, which carries runLabel and is renewed every renewInterval.
type lease struct {
	key      string
	stop     context.CancelFunc
	done     chan struct{}
	lost     atomic.Bool // another run has taken over
	released atomic.Bool // the run has ended

	// renewedAt is the send time of the last successful renewal, in Unix seconds: wall
	// clock time, because monotonic time stops during system sleep.
	renewedAt atomic.Int64
	renewals  atomic.Int64
}

// acquire starts renewing the lease on a record that carries the run's label since the
// given time.
func (r *run) acquire(key string, confirmed time.Time) {
	ctx, stop := context.WithCancel(context.WithoutCancel(r.ctx)) // an interrupted run renews until it ends
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
			_ = r.renew(ctx, l) // the next renewal or write finds it again, or l.lost is set
		}
	}()
}

// release stops the renewals and waits for the last one to return.
func (l *lease) release() {
	if l != nil {
		l.released.Store(true)
		l.stop()
		<-l.done
	}
}

// renew renews the lease, or marks it as lost if the record belongs to another run. It
// returns errNotRenewed if the server takes longer than two renewal intervals.
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
	_, err = r.recordObjects().Update(ctx, o, metav1.UpdateOptions{}) // a conflict if the record was written since
	if err == nil {
		l.renewedAt.Store(now.Unix())
	}
	return err
}

// takeOver puts the run's label on the record of a killed run. Only one of several
// concurrent runs succeeds: the record must be unchanged since it was read, and have
// resource version seen unless that is empty.
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
		return nil // an earlier attempt succeeded, but its response was lost
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
	return err // retry tries again after a conflict
}

// recoverLease waits until the lease of a pending record has expired, then takes over
// the record.
func (r *run) recoverLease(last *release.Release) error {
	r.logOnce("release %s (revision %d) is %s: waiting %v to see whether the run that set this is still alive", r.name, last.Version, last.Info.Status, leaseDuration)
	seen, err := r.waitForExpiry(last)
	if err != nil {
		return err
	}
	return r.retry(func() error { return r.takeOver(last, seen) })
}

// waitForExpiry returns the resource version of a record that was not renewed for
// leaseDuration, measured from the first response of the server to the last request.
// It returns ErrBusy if the record changes.
func (r *run) waitForExpiry(last *release.Release) (string, error) {
	seen, err := r.unchangedVersion(last, "")
	if err != nil {
		return "", err
	}
	for since := time.Now(); time.Since(since) < leaseDuration; {
		if err := r.wait(renewInterval / 4); err != nil {
			return "", err
		}
		if _, err := r.unchangedVersion(last, seen); err != nil {
			return "", err
		}
	}
	return seen, nil
}

// unchangedVersion returns the resource version of a record that is unchanged since it was
// read. It returns ErrBusy otherwise: its run is alive, has ended, or was taken over.
func (r *run) unchangedVersion(last *release.Release, version string) (now string, err error) {
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

// sameRun reports whether a record still has the status and the run label that it had
// when it was read.
func sameRun(o *unstructured.Unstructured, last *release.Release) bool {
	return o.GetLabels()["status"] == last.Info.Status.String() && o.GetLabels()[runLabel] == last.Labels[runLabel]
}
