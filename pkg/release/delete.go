package release

import (
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
)

// deleteResult is the outcome of deleting an object.
type deleteResult int

const (
	notFound deleteResult = iota // does not exist, or belongs to something else
	deleted                      // deleted, or being deleted
	kept                         // annotated with helm.sh/resource-policy: keep
)

// deleteOptions control the deletion of an object.
type deleteOptions struct {
	foreground bool // delete dependents, such as pods, first
	volumes    bool // also delete claims annotated to be kept
	dryRun     bool
}

// deleteObject deletes an object if it belongs to the release and is not marked to be
// kept.
func (r *run) deleteObject(o *unstructured.Unstructured, how deleteOptions) (deleteResult, error) {
	resource, err := r.resource(o)
	if meta.IsNoMatchError(err) {
		return notFound, nil // the kind was removed, and all its objects with it
	}
	if err != nil {
		return notFound, err
	}
	live, err := resource.Get(r.ctx, o.GetName(), metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && !r.owns(live) {
		return notFound, nil
	}
	if err != nil {
		return notFound, err
	}
	if ownership.IsKept(live) && (!how.volumes || !isVolume(live)) {
		return kept, nil
	}
	uid, propagation := live.GetUID(), metav1.DeletePropagationBackground
	if how.foreground {
		propagation = metav1.DeletePropagationForeground
	}
	options := metav1.DeleteOptions{PropagationPolicy: &propagation, Preconditions: &metav1.Preconditions{UID: &uid}}
	if how.dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	err = resource.Delete(r.ctx, o.GetName(), options)
	if apierrors.IsNotFound(err) {
		return notFound, nil
	}
	if err != nil {
		return notFound, fmt.Errorf("cannot delete %s: %w", objref.ID(o), err)
	}
	return deleted, nil
}

func isVolume(o *unstructured.Unstructured) bool {
	return o.GetKind() == "PersistentVolumeClaim" && o.GroupVersionKind().Group == ""
}

// owns reports whether an object belongs to the release, by Helm's own criteria.
func (r *run) owns(live *unstructured.Unstructured) bool {
	return r.owner(live) == r.name
}

// owner returns the release in the client's namespace that an object belongs to, or "".
func (c *Client) owner(live *unstructured.Unstructured) string {
	namespace, name := ownership.HelmRelease(live)
	if namespace != c.namespace {
		return ""
	}
	return name
}

// resource returns the client for the kind and namespace of o.
func (r *run) resource(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	return objref.Client(r.objects, r.mapper, r.namespace, o)
}

const (
	// reportDelay is how long a deletion may take before its blockers are reported.
	reportDelay = 3 * time.Second
	// reportInterval is the interval between two lookups of blockers.
	reportInterval = 2 * time.Second
)

// waitForDeletion waits until an object no longer exists.
func (r *run) waitForDeletion(o *unstructured.Unstructured, timeout time.Duration) error {
	return r.waitForDeletionUntil(time.Now().Add(timeout), o, timeout)
}

// waitForDeletionUntil waits until the deadline, which several objects may share, and
// reports what blocks the deletion. timeout is for the error message.
func (r *run) waitForDeletionUntil(deadline time.Time, o *unstructured.Unstructured, timeout time.Duration) error {
	resource, err := r.resource(o)
	if err != nil {
		return err
	}
	wait := deletionWait{run: r, object: o, next: time.Now().Add(reportDelay)}
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

// deletionWait reports what blocks the deletion of an object.
type deletionWait struct {
	run      *run
	object   *unstructured.Unstructured
	next     time.Time // time of the next lookup
	reported string
}

// report prints the blockers if they have changed since the last report.
func (w *deletionWait) report(live *unstructured.Unstructured) {
	if time.Now().Before(w.next) {
		return
	}
	w.next = time.Now().Add(reportInterval)
	all := w.run.blockers(w.run.ctx, live)
	key := "."
	for _, b := range all {
		key += b.name + b.node + "."
	}
	if key == w.reported {
		return
	}
	w.reported = key
	why := waitingFor(all)
	if why == "" {
		why = "being deleted"
	}
	w.run.logOnce("%s: %s", objref.ID(w.object), why)
}

// timedOut returns the error for an object that still exists at the deadline.
func (w *deletionWait) timedOut(live *unstructured.Unstructured, timeout time.Duration) error {
	err := fmt.Errorf("%s still exists after %v", objref.ID(w.object), timeout)
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
