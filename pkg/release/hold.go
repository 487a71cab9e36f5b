package release

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
)

const (
	// runLabel marks the record of a run that is under way, or was killed.
	runLabel = "kubectl-blueprint.github.io/run"
	// beatAnnotation changes with every heartbeat. Records are rewritten without it.
	beatAnnotation = "kubectl-blueprint.github.io/beat"

	// beat is the time from heartbeat to heartbeat.
	beat = 2 * time.Second
	// deadAfter is how long a record has to stay as it is until its run is taken
	// for dead: more than three heartbeats.
	deadAfter = 7 * time.Second
)

// hold is what a run has of the record that it works on.
type hold struct {
	key  string
	stop context.CancelFunc
	done chan struct{}
	lost atomic.Bool // another run has taken over
}

// take begins to keep a record fresh that carries the run's mark.
func (r *run) take(key string) {
	ctx, stop := context.WithCancel(context.WithoutCancel(r.ctx)) // an interrupted run lives until its end
	h := &hold{key: key, stop: stop, done: make(chan struct{})}
	r.hold = h
	go func() {
		defer close(h.done)
		if r.records() == nil {
			return
		}
		for n := 1; ; n++ {
			select {
			case <-ctx.Done():
				return
			case <-time.After(beat):
			}
			if err := r.touch(ctx, key, n); errors.Is(err, ErrBusy) {
				h.lost.Store(true)
				return
			} // other errors pass, or show where they matter
		}
	}()
}

// end stops the heartbeat, and returns when the last one is through.
func (h *hold) end() {
	if h != nil {
		h.stop()
		<-h.done
	}
}

// touch changes the record as a sign of life.
func (r *run) touch(ctx context.Context, key string, n int) error {
	o, err := r.records().Get(ctx, key, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if o.GetLabels()[runLabel] != r.id {
		return r.errTaken()
	}
	annotations := o.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[beatAnnotation] = strconv.Itoa(n)
	o.SetAnnotations(annotations)
	_, err = r.records().Update(ctx, o, metav1.UpdateOptions{}) // refused where the record was written meanwhile
	return err
}

// claim puts the run's mark on the record of a dead one. Of several that try,
// one succeeds: the record must be as it was seen.
func (r *run) claim(key, seen string) error {
	o, err := r.records().Get(r.ctx, key, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return r.errBusy(0)
	}
	if err != nil {
		return err
	}
	if seen != "" && o.GetResourceVersion() != seen {
		return r.errBusy(0)
	}
	labels := o.GetLabels()
	labels[runLabel] = r.id
	o.SetLabels(labels)
	_, err = r.records().Update(r.ctx, o, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return r.errBusy(0)
	}
	return err
}

// records are the objects that hold Helm's records, or nil where a database does.
func (c *Client) records() dynamic.ResourceInterface {
	if c.kept == "" {
		return nil
	}
	return c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: c.kept}).Namespace(c.namespace)
}
