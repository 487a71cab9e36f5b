package release

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

// recordServer answers requests for one record, without a network, so that leases can be
// tested with a fake clock. faults_*_test.go in pkg/cmd and TestOneRunTakesOver prove the
// same on the API server.
type recordServer struct {
	mu     sync.Mutex
	record *unstructured.Unstructured // nil if it was removed
	reads  int
	writes []time.Time
	hang   bool // requests get no response
}

func newRecordServer(last *release.Release) *recordServer {
	o := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Secret"}}
	o.SetName(recordKey(last))
	o.SetResourceVersion("1")
	labels := maps.Clone(last.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	labels["status"] = last.Info.Status.String()
	o.SetLabels(labels)
	return &recordServer{record: o}
}

// change changes the record, as another run does.
func (s *recordServer) change(do func(*unstructured.Unstructured)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, _ := strconv.Atoi(s.record.GetResourceVersion())
	do(s.record)
	s.record.SetResourceVersion(strconv.Itoa(version + 1))
}

func (s *recordServer) counts() (reads, writes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads, len(s.writes)
}

func (s *recordServer) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	hang := s.hang
	s.mu.Unlock()
	if hang {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.record == nil {
		return respond(http.StatusNotFound, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"NotFound","code":404}`), nil
	}
	if req.Method == http.MethodGet {
		s.reads++
	} else {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		sent := &unstructured.Unstructured{}
		if err := sent.UnmarshalJSON(body); err != nil {
			return nil, err
		}
		if sent.GetResourceVersion() != s.record.GetResourceVersion() {
			return respond(http.StatusConflict, `{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Conflict","code":409}`), nil
		}
		version, _ := strconv.Atoi(sent.GetResourceVersion())
		sent.SetResourceVersion(strconv.Itoa(version + 1))
		s.record, s.writes = sent, append(s.writes, time.Now())
	}
	text, err := s.record.MarshalJSON()
	return respond(http.StatusOK, string(text)), err
}

func respond(code int, body string) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}

// leaseRun returns a run whose records are on the server.
func leaseRun(t *testing.T, s *recordServer) (*run, *[]string) {
	t.Helper()
	r, lines := memoryRun(t)
	r.storageResource = "secrets"
	var err error
	if r.dynamic, err = dynamic.NewForConfig(&rest.Config{Host: "http://records", Transport: s, QPS: -1}); err != nil {
		t.Fatal(err)
	}
	return r, lines
}

const leaseKey = "sh.helm.release.v1.r.v1"

func mine() *release.Release { return with(record(1, release.StatusPendingInstall), runLabel, "me") }

func theirs() *release.Release {
	return with(record(1, release.StatusPendingInstall), runLabel, "other")
}

func TestLeaseIsRenewedUntilReleased(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newRecordServer(mine())
		r, _ := leaseRun(t, s)
		ctx, interrupt := context.WithCancel(t.Context())
		r.ctx = ctx
		begin := time.Now()
		r.acquire(leaseKey, begin)
		interrupt() // an interrupted run holds its lease until it ends
		time.Sleep(5*renewInterval + time.Second)
		r.lease.release()
		time.Sleep(time.Minute)
		for i, at := range s.writes {
			if want := time.Duration(i+1) * renewInterval; at.Sub(begin) != want {
				t.Errorf("renewal %d after %v, want %v", i+1, at.Sub(begin), want)
			}
		}
		if len(s.writes) != 5 || s.record.GetAnnotations()[renewalAnnotation] != "5" || s.record.GetLabels()[runLabel] != "me" {
			t.Errorf("got %d renewals and %v, want 5", len(s.writes), s.record.GetAnnotations())
		}
	})
}

func TestLeaseIsLost(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*recordServer){
		"another run took over": func(s *recordServer) {
			s.change(func(o *unstructured.Unstructured) { o.SetLabels(map[string]string{runLabel: "other"}) })
		},
		"marked as killed": func(s *recordServer) {
			s.change(func(o *unstructured.Unstructured) { o.SetLabels(nil) })
		},
		"removed": func(s *recordServer) { s.record = nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newRecordServer(mine())
				r, _ := leaseRun(t, s)
				change(s)
				r.acquire(leaseKey, time.Now().Add(-time.Minute)) // a laptop that wakes up
				defer r.lease.release()
				if err := r.ensureHeld(); !errors.Is(err, ErrLost) {
					t.Errorf("got %v, want ErrLost", err)
				}
				if _, writes := s.counts(); writes != 0 {
					t.Errorf("got %d writes to the record of another run", writes)
				}
			})
		})
	}
}

// TestEnsureHeldAsksOnlyIfNecessary has leases whose renewal was some time ago.
func TestEnsureHeldAsksOnlyIfNecessary(t *testing.T) {
	t.Parallel()
	for age, reads := range map[time.Duration]int{0: 0, 2 * renewInterval: 0, 2*renewInterval + time.Second: 1, time.Hour: 1, -time.Second: 1} {
		synctest.Test(t, func(t *testing.T) {
			s := newRecordServer(mine())
			r, _ := leaseRun(t, s)
			r.acquire(leaseKey, time.Now().Add(-age))
			err := r.ensureHeld()
			got, writes := s.counts()
			if err != nil || got != reads || writes != reads {
				t.Errorf("renewed %v ago: got %v, %d reads and %d writes, want %d", age, err, got, writes, reads)
			}
			r.lease.release()
			r.lease.renewedAt.Store(0)
			if err := r.ensureHeld(); err != nil {
				t.Errorf("after the run: got %v", err)
			}
		})
	}
}

// TestEnsureHeldOfAServerThatHangs returns an error that is retried, because the server
// has to say who holds the lease.
func TestEnsureHeldOfAServerThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newRecordServer(mine())
		s.hang = true
		r, _ := leaseRun(t, s)
		begin := time.Now()
		r.acquire(leaseKey, begin.Add(-time.Minute))
		err := r.ensureHeld()
		if !errors.Is(err, errNotRenewed{}) || retryTimeout(err) != outageTimeout {
			t.Errorf("got %v, want an error that is retried", err)
		}
		if took := time.Since(begin); took != 3*2*renewInterval {
			t.Errorf("took %v, want three attempts of %v", took, 2*renewInterval)
		}
		r.lease.release()
	})
}

func TestWaitForExpiry(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		at     time.Duration // when the record changes
		change func(*recordServer)
		want   error
		took   time.Duration
	}{
		"dead":    {0, nil, nil, leaseDuration},
		"renewed": {2900 * time.Millisecond, func(s *recordServer) { s.change(func(*unstructured.Unstructured) {}) }, ErrBusy, 3 * time.Second},
		"ended": {6900 * time.Millisecond, func(s *recordServer) {
			s.change(func(o *unstructured.Unstructured) { o.SetLabels(map[string]string{"status": "deployed"}) })
		}, ErrBusy, leaseDuration},
		"taken over": {100 * time.Millisecond, func(s *recordServer) {
			s.change(func(o *unstructured.Unstructured) {
				o.SetLabels(map[string]string{"status": "pending-install", runLabel: "third"})
			})
		}, ErrBusy, 500 * time.Millisecond},
		"removed": {100 * time.Millisecond, func(s *recordServer) { s.mu.Lock(); s.record = nil; s.mu.Unlock() }, ErrBusy, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newRecordServer(theirs())
				r, _ := leaseRun(t, s)
				if test.change != nil {
					time.AfterFunc(test.at, func() { test.change(s) })
				}
				begin := time.Now()
				seen, err := r.waitForExpiry(theirs())
				if !errors.Is(err, test.want) || err == nil && seen != "1" {
					t.Errorf("got version %q, %v, want %v", seen, err, test.want)
				}
				if took := time.Since(begin); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
			})
		})
	}
}

func TestWaitForExpiryIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newRecordServer(theirs())
		r, _ := leaseRun(t, s)
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		r.ctx = ctx
		if err := r.recoverLease(theirs()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the cause", err)
		}
		if s.record.GetLabels()[runLabel] != "other" {
			t.Error("took over nevertheless")
		}
	})
}

func TestTakeOver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		now  *release.Release // nil if it was removed
		seen string
		want error
	}{
		"unchanged":         {theirs(), "1", nil},
		"of this run":       {theirs(), "", nil},
		"response was lost": {mine(), "0", nil},
		"renewed":           {theirs(), "0", ErrBusy},
		"taken over":        {with(record(1, release.StatusPendingInstall), runLabel, "third"), "1", ErrBusy},
		"ended":             {with(record(1, release.StatusDeployed), runLabel, "other"), "1", ErrBusy},
		"removed":           {nil, "1", ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &recordServer{}
			if test.now != nil {
				s = newRecordServer(test.now)
			}
			r, _ := leaseRun(t, s)
			if err := r.takeOver(theirs(), test.seen); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if s.record == nil {
				return
			}
			want := test.now.Labels[runLabel]
			if test.want == nil {
				want = "me"
			}
			if got := s.record.GetLabels()[runLabel]; got != want {
				t.Errorf("the record belongs to %q, want %q", got, want)
			}
		})
	}
}

// TestFencing has writes of a run whose lease may have expired.
func TestFencing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method   string
		owner    *release.Release
		age      time.Duration
		released bool
		want     error
	}{
		"write with a lease":            {http.MethodPost, mine(), 0, false, nil},
		"write after sleep":             {http.MethodPatch, mine(), time.Hour, false, nil},
		"write after another took over": {http.MethodDelete, theirs(), time.Hour, false, ErrLost},
		"read after another took over":  {http.MethodGet, theirs(), time.Hour, false, nil},
		"write after the run":           {http.MethodPut, theirs(), time.Hour, true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, _ := leaseRun(t, newRecordServer(test.owner))
				r.acquire(leaseKey, time.Now().Add(-test.age))
				defer r.lease.release()
				if test.released {
					r.lease.release()
				}
				sent := 0
				next := roundTripper(func(*http.Request) (*http.Response, error) { sent++; return respond(http.StatusOK, "body"), nil })
				resp, err := fencingTransport{next, r}.RoundTrip(request(t, test.method))
				if !errors.Is(err, test.want) || retryTimeout(err) != 0 {
					t.Errorf("got %v, want %v, which is not retried", err, test.want)
				}
				if want := map[bool]int{true: 1}[test.want == nil]; sent != want {
					t.Errorf("sent %d requests, want %d", sent, want)
				}
				if err == nil {
					if body, err := io.ReadAll(resp.Body); string(body) != "body" {
						t.Errorf("got body %q, %v", body, err)
					}
				}
			})
		})
	}
}

// TestFencingCutsAWrite has a write without a response, while the server does not answer
// renewals either: it must end before another run may take over.
func TestFencingCutsAWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newRecordServer(mine())
		s.hang = true
		r, _ := leaseRun(t, s)
		begin := time.Now()
		r.acquire(leaseKey, begin)
		_, err := fencingTransport{s, r}.RoundTrip(request(t, http.MethodPost))
		if !errors.Is(err, errNotRenewed{}) || retryTimeout(err) != outageTimeout {
			t.Errorf("got %v, want an error that is retried", err)
		}
		if took := time.Since(begin); took < 2*renewInterval || took >= leaseDuration {
			t.Errorf("cut after %v, want less than %v", took, leaseDuration)
		}
		r.lease.release()
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func request(t *testing.T, method string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://records/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return req
}
