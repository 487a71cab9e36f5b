package rollout

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// The notes about the connection.
const (
	lostNote     = "connection to the API server lost, retrying: "
	restoredNote = "connection to the API server restored"
)

// connection tracks whether the API server answers, and notifies every watch once when
// that changes.
type connection struct {
	mu          sync.Mutex
	failed      map[*informer]error // informers whose last request got no response
	subscribers map[chan<- string]bool

	outageStart time.Time     // of the current outage; zero without one
	downtime    time.Duration // total of all earlier outages
	lastOutage  time.Time     // end of the last outage
}

// maxOutage limits how long an outage stops the clock. Upgrades of a control plane
// take less; timeouts run again after it.
const maxOutage = 30 * time.Minute

// now returns the given time minus all API server outages, so that outages do not
// consume timeouts. stands reports whether the clock stands still in an outage.
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

// record tracks the result of a request. Errors from the server, such as an expired
// watch, count as responses; server errors (5xx) and Forbidden do not, since a
// starting server returns them.
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

// remove forgets an informer that has stopped.
func (c *connection) remove(f *informer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recovered(f)
}

// recovered marks an informer as connected, and ends the outage with the last one.
func (c *connection) recovered(f *informer) {
	before := len(c.failed)
	delete(c.failed, f)
	if before > 0 && len(c.failed) == 0 {
		c.downtime += min(time.Since(c.outageStart), maxOutage)
		c.outageStart, c.lastOutage = time.Time{}, time.Now()
		c.notify(restoredNote)
	}
}

// starting reports whether the server may have just started. It then has not read all
// roles, and forbids what it will allow later.
func (c *connection) starting() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.failed) > 0 || time.Since(c.lastOutage) < rbacWarmup
}

// rbacWarmup is how long a starting server may take to read its roles.
const rbacWarmup = 10 * time.Second

// lostMessage returns the note for an error, without the method and URL.
func lostMessage(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return lostNote + err.Error()
}

// notify sends a note to all subscribers. It does not block.
func (c *connection) notify(note string) {
	for ch := range c.subscribers {
		select {
		case ch <- note:
		default: // its buffer is full of unread notes
		}
	}
}

// subscribe returns a channel of future notes, which leave ends.
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
