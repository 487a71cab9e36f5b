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

// run is one operation on one release: a deploy, a rollback or an uninstall.
type run struct {
	*Client
	ctx           context.Context // Helm's interfaces do not pass one
	name          string
	id            string // value of runLabel on the record of this run
	forceTakeover bool   // also take over pending releases of the helm command
	basis         *Basis // reviewed state, or nil

	objects dynamic.Interface // with fencing
	store   driver.Driver     // with fencing and conditional updates

	past       []*release.Release // the revisions before this run, oldest first
	lease      *lease             // nil until this run has a record
	unrecorded error              // first error of writing a record
	tookOver   bool               // this run took over from a killed one

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

// logOnce logs a line, unless this run has logged it before.
func (r *run) logOnce(format string, args ...any) {
	line := fmt.Sprintf(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.logged[line] {
		r.logged[line] = true
		r.Log("%s", line)
	}
}

// runHelm runs a Helm action. Retryable errors restart the action until it has created
// its record; from then on storageDriver and kubeClient retry single requests. Helm
// gets no context, so that an interrupted run still records its result.
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

// last returns the newest revision before this run, or nil.
func (r *run) last() *release.Release {
	if len(r.past) == 0 {
		return nil
	}
	return r.past[len(r.past)-1]
}

// wait pauses for d. It returns the cause if the context is canceled.
func (r *run) wait(d time.Duration) error {
	select {
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	case <-time.After(d):
		return nil
	}
}
