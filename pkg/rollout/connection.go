package rollout

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// The notes of a link.
const (
	lostNote     = "connection lost, trying again: "
	restoredNote = "connected again"
)

// connection knows whether the server answers, and tells each watch once when that
// changes.
type connection struct {
	mu          sync.Mutex
	failed      map[*informer]error // those whose last request got no answer
	subscribers map[chan<- string]bool

	outageStart time.Time     // of the present loss; zero while there is none
	downtime    time.Duration // how long all earlier losses took
	lastOutage  time.Time     // of the last loss
}

// maxOutage is for how long a loss stops the time: the upgrade of a control
// plane takes less. Budgets end what goes on for longer.
const maxOutage = 30 * time.Minute

// now is now without the times in which nothing could be seen: what was waited
// for may have come meanwhile. It stands still while that lasts.
func (c *connection) now(now time.Time) (seen time.Time, stands bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen = now.Add(-c.downtime)
	if c.outageStart.IsZero() {
		return seen, false
	}
	loss := now.Sub(c.outageStart)
	return seen.Add(-min(loss, maxOutage)), loss < maxOutage
}

// record looks at how one request went. The server's own words, such as that a
// watch has expired, are an answer; that it is only just starting is none.
func (c *connection) record(f *informer, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	var status apierrors.APIStatus
	answered := err == nil || errors.As(err, &status) && status.Status().Code < 500 && !apierrors.IsForbidden(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	if answered {
		c.recovered(f)
		return
	}
	if len(c.failed) == 0 {
		c.outageStart = time.Now()
		c.notify(lostMessage(err))
	}
	c.failed[f] = err
}

// remove is for a feed that asks no more.
func (c *connection) remove(f *informer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recovered(f)
}

// recovered takes a feed from those that get no answer.
func (c *connection) recovered(f *informer) {
	before := len(c.failed)
	delete(c.failed, f)
	if before > 0 && len(c.failed) == 0 {
		c.downtime += min(time.Since(c.outageStart), maxOutage)
		c.outageStart, c.lastOutage = time.Time{}, time.Now()
		c.notify(restoredNote)
	}
}

// starting reports whether the server may have been started a moment ago: then it
// has not read all roles yet, and refuses what it is going to allow.
func (c *connection) starting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.failed) > 0 || time.Since(c.lastOutage) < rbacWarmup
}

// rbacWarmup is how long a server may take for that.
const rbacWarmup = 10 * time.Second

// lostMessage is the note of an error, without the request that met with it.
func lostMessage(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return lostNote + err.Error()
}

func (c *connection) notify(note string) {
	for ch := range c.subscribers {
		select {
		case ch <- note:
		default: // it has notes enough to read
		}
	}
}

// subscribe returns the notes from now on, and what ends them.
func (c *connection) subscribe() (notes <-chan string, leave func()) {
	ch := make(chan string, 8)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscribers[ch] = true
	for _, err := range c.failed {
		ch <- lostMessage(err)
		break
	}
	return ch, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subscribers, ch)
	}
}
