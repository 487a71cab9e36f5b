package release

import (
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

const (
	// quietFor is how long a deletion may take until it is reported what it waits for.
	quietFor = 3 * time.Second
	// blockersEvery is how often that is looked up.
	blockersEvery = 2 * time.Second
)

// waitForDeletion waits until an object is no more.
func (r *run) waitForDeletion(o *unstructured.Unstructured, timeout time.Duration) error {
	return r.waitForDeletionUntil(time.Now().Add(timeout), o, timeout)
}

// waitForDeletionUntil waits for one of several objects, for all of which there is timeout. It
// reports what blocks the deletion.
func (r *run) waitForDeletionUntil(deadline time.Time, o *unstructured.Unstructured, timeout time.Duration) error {
	resource, err := r.resource(o)
	if err != nil {
		return err
	}
	wait := deletionWait{run: r, object: o, next: time.Now().Add(quietFor)}
	for {
		live, err := resource.Get(r.ctx, o.GetName(), metav1.GetOptions{})
		if apierrors.IsNotFound(err) || err == nil && o.GetUID() != "" && live.GetUID() != o.GetUID() {
			return nil
		}
		if err != nil && !isRetryable(err) {
			return err
		}
		if time.Now().After(deadline) {
			return permanentError{wait.timedOut(live, timeout)}
		}
		if err == nil {
			wait.report(live)
		}
		if err := r.wait(300 * time.Millisecond); err != nil {
			return err
		}
	}
}

// deletionWait reports what the deletion of an object waits for.
type deletionWait struct {
	run    *run
	object *unstructured.Unstructured
	next   time.Time // when to look again
	said   string
}

// report prints what blocks, when that is not what was printed last.
func (w *deletionWait) report(live *unstructured.Unstructured) {
	if time.Now().Before(w.next) {
		return
	}
	w.next = time.Now().Add(blockersEvery)
	all := w.run.blockers(w.run.ctx, live)
	key := "."
	for _, b := range all {
		key += b.name + b.node + "."
	}
	if key == w.said {
		return
	}
	w.said = key
	why := waitingFor(all)
	if why == "" {
		why = "being deleted"
	}
	w.run.logOnce("%s: %s", id(w.object), why)
}

// timedOut is the error of an object that is still there.
func (w *deletionWait) timedOut(live *unstructured.Unstructured, timeout time.Duration) error {
	err := fmt.Errorf("%s still exists after %v", id(w.object), timeout)
	if live == nil {
		return err
	}
	all := w.run.blockers(w.run.ctx, live)
	if why := waitingFor(all); why != "" {
		err = fmt.Errorf("%w: %s", err, why)
	}
	for _, b := range all {
		if b.hint.Text != "" {
			return hint.Add(err, b.hint)
		}
	}
	return hint.Text(err, "deletion continues in the cluster; run the command again with a longer --timeout to wait for it")
}
