package release

import (
	"context"
	"fmt"
	"sync"
	"time"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/client-go/dynamic"
)

// run is one operation on one release: a deploy, a rollback or a removal.
type run struct {
	*Client
	ctx           context.Context // Helm's interfaces pass none
	name          string
	id            string // the mark of the record that this run works on
	forceTakeover bool   // take over what may be somebody else's work, as the user wants it
	basis         *Basis // what the run was decided on, or nil

	objects dynamic.Interface // behind the fence
	store   driver.Driver     // behind the fence; updates only what nobody else has changed

	past       []*release.Release // the revisions before this run, oldest first
	lease      *lease             // on the record that this run made, once it has
	unrecorded error              // the first write of a record that failed
	tookOver   bool               // from a run that was killed

	mu     sync.Mutex
	logged map[string]bool
}

func (c *Client) newRun(ctx context.Context, name string) (*run, error) {
	r := &run{Client: c, ctx: ctx, name: name, id: rand.String(10), logged: map[string]bool{}}
	config, err := fencingGetter{c.getter, r}.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	if r.objects, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	r.store, err = c.conditionalDriver(config)
	return r, err
}

// logOnce tells the user something, once.
func (r *run) logOnce(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.logged[line] {
		r.logged[line] = true
		r.Log("%s", line)
	}
}

// runHelm has Helm do something on behalf of the run. A server that is away is
// waited for: before Helm has made its record by starting over, after that by
// storageDriver and kubeClient, one request at a time. Helm gets no context: an interrupted run
// ends with a record that tells what it did.
func (r *run) runHelm(do func(*action.Configuration) error) error {
	defer func() { r.lease.release() }()
	return r.retry(func() error {
		client := &kubeClient{r.newKubeClient(fencingGetter{r.getter, r}), r}
		err := r.asBusy(do(r.configuration(storageDriver{r.store, r}, client)))
		if err == nil {
			err = r.unrecorded // which Helm only logs
		}
		if r.lease != nil && r.lease.lost.Load() {
			err = r.errLost()
		}
		if err != nil && r.lease != nil {
			return permanentError{err}
		}
		return err
	})
}

// last is the newest revision before this run, or nil.
func (r *run) last() *release.Release {
	if len(r.past) == 0 {
		return nil
	}
	return r.past[len(r.past)-1]
}

// wait pauses, or returns why it can't.
func (r *run) wait(d time.Duration) error {
	select {
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	case <-time.After(d):
		return nil
	}
}
