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

// link knows whether the server answers, and tells each watch once when that
// changes.
type link struct {
	mu    sync.Mutex
	lost  map[*feed]error // those whose last request got no answer
	tells map[chan<- string]bool

	since time.Time     // of the present loss; zero while there is none
	blind time.Duration // how long all earlier losses took
	until time.Time     // of the last loss
}

// longestLoss is for how long a loss stops the time: the upgrade of a control
// plane takes less. Budgets end what goes on for longer.
const longestLoss = 30 * time.Minute

// time is now without the times in which nothing could be seen: what was waited
// for may have come meanwhile. It stands still while that lasts.
func (l *link) time(now time.Time) (seen time.Time, stands bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen = now.Add(-l.blind)
	if l.since.IsZero() {
		return seen, false
	}
	loss := now.Sub(l.since)
	return seen.Add(-min(loss, longestLoss)), loss < longestLoss
}

// judge looks at how one request went. The server's own words, such as that a
// watch has expired, are an answer; that it is only just starting is none.
func (l *link) judge(f *feed, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	var status apierrors.APIStatus
	answered := err == nil || errors.As(err, &status) && status.Status().Code < 500 && !apierrors.IsForbidden(err)
	l.mu.Lock()
	defer l.mu.Unlock()
	if answered {
		l.found(f)
		return
	}
	if len(l.lost) == 0 {
		l.since = time.Now()
		l.tell(lost(err))
	}
	l.lost[f] = err
}

// leave is for a feed that asks no more.
func (l *link) leave(f *feed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.found(f)
}

// found takes a feed from those that get no answer.
func (l *link) found(f *feed) {
	before := len(l.lost)
	delete(l.lost, f)
	if before > 0 && len(l.lost) == 0 {
		l.blind += min(time.Since(l.since), longestLoss)
		l.since, l.until = time.Time{}, time.Now()
		l.tell(restoredNote)
	}
}

// starting reports whether the server may have been started a moment ago: then it
// has not read all roles yet, and refuses what it is going to allow.
func (l *link) starting() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.lost) > 0 || time.Since(l.until) < rolesRead
}

// rolesRead is how long a server may take for that.
const rolesRead = 10 * time.Second

// lost is the note of an error, without the request that met with it.
func lost(err error) string {
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return lostNote + err.Error()
}

func (l *link) tell(note string) {
	for ch := range l.tells {
		select {
		case ch <- note:
		default: // it has notes enough to read
		}
	}
}

// subscribe returns the notes from now on, and what ends them.
func (l *link) subscribe() (notes <-chan string, leave func()) {
	ch := make(chan string, 8)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tells[ch] = true
	for _, err := range l.lost {
		ch <- lost(err)
		break
	}
	return ch, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.tells, ch)
	}
}
