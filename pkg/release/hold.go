package release

import (
	"context"
	"strconv"
	"sync/atomic"
	"time"

	"helm.sh/helm/v3/pkg/release"
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
	over atomic.Bool // the run is at its end

	// confirmed is when the record was last known to be the run's: when the request
	// was sent, for the answer may be read after a sleep. In Unix seconds, of the
	// clock that goes on while a machine sleeps.
	confirmed atomic.Int64
	beats     atomic.Int64
}

// take begins to keep a record fresh that carries the run's mark, as it did at
// the given time.
func (r *run) take(key string, confirmed time.Time) {
	ctx, stop := context.WithCancel(context.WithoutCancel(r.ctx)) // an interrupted run lives until its end
	h := &hold{key: key, stop: stop, done: make(chan struct{})}
	h.confirmed.Store(confirmed.Unix())
	r.hold = h
	go func() {
		defer close(h.done)
		if r.records() == nil {
			return
		}
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(beat):
			}
			_ = r.touch(ctx, h) // it passes, shows where it matters, or is kept in h
		}
	}()
}

// end stops the heartbeat, and returns when the last one is through.
func (h *hold) end() {
	if h != nil {
		h.over.Store(true)
		h.stop()
		<-h.done
	}
}

// touch changes the record as a sign of life, or finds that it is another run's.
// It does not wait for an answer that would come too late to be of use.
func (r *run) touch(parent context.Context, h *hold) error {
	ctx, cancel := context.WithTimeout(parent, 2*beat)
	defer cancel()
	err := r.renew(ctx, h)
	if err != nil && ctx.Err() != nil && parent.Err() == nil {
		return errUnrenewed{}
	}
	return err
}

func (r *run) renew(ctx context.Context, h *hold) error {
	now := time.Now()
	o, err := r.records().Get(ctx, h.key, metav1.GetOptions{})
	if apierrors.IsNotFound(err) || err == nil && o.GetLabels()[runLabel] != r.id {
		h.lost.Store(true)
	}
	if err != nil || h.lost.Load() {
		return err
	}
	annotations := o.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[beatAnnotation] = strconv.FormatInt(h.beats.Add(1), 10)
	o.SetAnnotations(annotations)
	_, err = r.records().Update(ctx, o, metav1.UpdateOptions{}) // refused where the record was written meanwhile
	if err == nil {
		h.confirmed.Store(now.Unix())
	}
	return err
}

// claim puts the run's mark on the record of a dead one. Of several that try,
// one succeeds: the record must be as it was read, and of the version seen, if
// one is given.
func (r *run) claim(last *release.Release, seen string) error {
	o, err := r.records().Get(r.ctx, recordKey(last), metav1.GetOptions{})
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
	_, err = r.records().Update(r.ctx, o, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) {
		return r.errBusy(last.Version)
	}
	return err // a conflict is looked into by the next try
}

// records are the objects that hold Helm's records, or nil where a database does.
func (c *Client) records() dynamic.ResourceInterface {
	if c.kept == "" {
		return nil
	}
	return c.dynamic.Resource(schema.GroupVersionResource{Version: "v1", Resource: c.kept}).Namespace(c.namespace)
}
