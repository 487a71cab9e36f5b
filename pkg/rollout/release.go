package rollout

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// release is a release being watched.
type release struct {
	*Watcher
	once     bool // for Status: kinds that cannot be watched are listed
	target   Target
	observer Observer
	tracker  *tracker
	reader   *cacheReader
	notes    <-chan string
	cleanups []func()

	signatures *signature.Table
	crashes    map[string]*crash // by container and run
	starts     starts
	began      time.Time
	unready    map[types.UID]bool // pods whose start the watch sees

	view view
	tree []Status
	last map[string]Status // by line
}

// follow starts the informers for target and subscribes to changes.
func (w *Watcher) follow(ctx context.Context, target Target, to Observer, once bool) (*release, error) {
	target.absent, target.forbidden = map[string]bool{}, map[string]bool{}
	signatures, err := signature.Load()
	if err != nil {
		return nil, err
	}
	phases, err := startup.Load()
	if err != nil {
		return nil, err
	}
	t := &release{
		Watcher: w, once: once, target: target, observer: to, tracker: newTracker(), last: map[string]Status{},
		signatures: signatures, crashes: map[string]*crash{}, starts: starts{phases, map[string]*follower{}, false}, began: time.Now(), unready: map[types.UID]bool{},
	}
	t.reader = newCacheReader(target.Name)
	notes, leave := w.connection.subscribe()
	t.notes, t.cleanups = notes, []func(){leave}
	for _, n := range watchedKinds(target) {
		if err := t.startInformer(ctx, n); err != nil {
			t.close()
			return nil, err
		}
	}
	if err := t.readWorkloads(ctx); err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *release) close() {
	for _, f := range t.starts.followers {
		f.end()
	}
	for _, f := range t.cleanups {
		f()
	}
}

// startInformer starts the informer of a kind and waits for its first list. It falls
// back to a plain list, or skips the kind, if the kind cannot be watched.
func (t *release) startInformer(ctx context.Context, n watchedKind) error {
	f, err := t.informer(n.kind)
	if err == nil {
		err = t.waitForSync(ctx, f)
	}
	switch {
	case err == nil:
	case t.once && isUnreadable(err):
		return t.list(ctx, n)
	case n.optional && isUnreadable(err):
		t.note("cannot show %s: %v", n.purpose, err)
		return nil
	default:
		return err
	}
	registration, err := f.shared.AddEventHandler(t.reader.handler(n.kind))
	if err != nil {
		return fmt.Errorf("cannot watch %s: %w", n.kind, err)
	}
	t.cleanups = append(t.cleanups, func() { _ = f.shared.RemoveEventHandler(registration) })
	t.reader.indexers[n.kind] = f.shared.GetIndexer()
	return nil
}

// waitForSync waits for the first list of an informer and passes on notes meanwhile.
func (t *release) waitForSync(ctx context.Context, f *informer) error {
	for {
		select {
		case <-f.shared.HasSyncedChecker().Done():
			return nil
		case <-f.failed:
			return f.err
		case note := <-t.notes:
			t.note("%s", note)
		case <-ctx.Done():
			return t.contextEnded(ctx)
		}
	}
}
