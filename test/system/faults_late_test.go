package system_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// tooLate is longer than it takes another process to take over a release.
const tooLate = 15 * time.Second

// TestLateRequest holds back each request of an upgrade in turn, or its answer,
// and deploys something else meanwhile. Whoever takes over or comes second,
// the history tells what happened, and so does each exit code.
func TestLateRequest(t *testing.T) {
	t.Parallel()
	two, job := newWorld(t).after(t, deployTwo), newWorld(t).after(t, deployJob)
	counted := newWorld(t)
	counted.must(t, deployOne)
	first, last := counted.writing(t, deployTwo)
	for name, late := range map[string]func(*http.Request) (request, answer time.Duration){
		"request": func(req *http.Request) (time.Duration, time.Duration) {
			if !isRecord(req) && req.Method != http.MethodGet { // nothing can call back what is on its way to an object
				return 0, tooLate
			}
			return tooLate, 0
		},
		"answer": func(*http.Request) (time.Duration, time.Duration) { return 0, tooLate },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var group errgroup.Group
			group.SetLimit(storiesAtATime)
			for _, n := range points(first, last) {
				group.Go(func() error {
					told := fmt.Sprintf("%s %d late", name, n)
					w := newWorld(t)
					w.must(t, deployOne)
					started := make(chan struct{}, 1)
					proxy := faults.New(t, nil)
					proxy.Delay(func(i int, req *http.Request) (time.Duration, time.Duration) {
						if i != n {
							return 0, 0
						}
						started <- struct{}{}
						return late(req)
					})
					a := start(w.process(proxy.Kubeconfig(t, w.namespace), deployTwo))
					select {
					case <-started:
					case <-a.ended:
					}
					b := start(w.process(w.kubeconfig, deployJob))
					w.settled(t, told, want{a, two}, want{b, job})
					return nil
				})
			}
			_ = group.Wait()
		})
	}
}

// TestLateRival holds back each request of a deploy that has found another one
// under way, which ends meanwhile.
func TestLateRival(t *testing.T) {
	t.Parallel()
	two, job := newWorld(t).after(t, deployTwo), newWorld(t).after(t, deployJob)
	counted := newWorld(t)
	counted.must(t, deployOne)
	_, last := counted.writing(t, deployJob)
	var group errgroup.Group
	group.SetLimit(storiesAtATime)
	for _, n := range points(1, last) {
		group.Go(func() error {
			w := newWorld(t)
			w.must(t, deployOne)
			pending, begins := make(chan struct{}), sync.Once{}
			slow := faults.New(t, nil)
			slow.Delay(func(_ int, req *http.Request) (request, answer time.Duration) {
				if req.Method == http.MethodPatch && strings.Contains(req.URL.Path, "/services/") && !req.URL.Query().Has("dryRun") {
					begins.Do(func() {
						close(pending)
						request = 4 * time.Second
					})
				}
				return request, 0
			})
			a := start(w.process(slow.Kubeconfig(t, w.namespace), deployTwo))
			select {
			case <-pending:
			case <-a.ended:
			}
			proxy := faults.New(t, nil)
			proxy.Delay(func(i int, _ *http.Request) (time.Duration, time.Duration) {
				if i == n {
					return 5 * time.Second, 0
				}
				return 0, 0
			})
			b := start(w.process(proxy.Kubeconfig(t, w.namespace), deployJob))
			w.settled(t, fmt.Sprintf("request %d of the second late", n), want{a, two}, want{b, job})
			return nil
		})
	}
	_ = group.Wait()
}

func isRecord(req *http.Request) bool {
	return strings.Contains(req.URL.Path, "/secrets/sh.helm.release.")
}

// running is a process that was started.
type running struct {
	*exec.Cmd
	out   strings.Builder
	err   error
	ended chan struct{}
}

func start(process *exec.Cmd) *running {
	r := &running{Cmd: process, ended: make(chan struct{})}
	process.Stdout, process.Stderr = &r.out, &r.out
	if r.err = process.Start(); r.err != nil {
		close(r.ended)
		return r
	}
	go func() {
		defer close(r.ended)
		r.err = process.Wait()
	}()
	return r
}

// want is a process with the state that it makes if it succeeds.
type want struct {
	process *running
	state   map[string]any
}

// settled waits for two processes, of which the second was started after the
// first, and checks that one revision is deployed, that there is one good
// revision for each process that has succeeded, and that the objects are those
// of the last one.
func (w *world) settled(t *testing.T, told string, all ...want) {
	t.Helper()
	succeeded, outputs := 0, ""
	var last map[string]any
	for _, one := range all {
		<-one.process.ended
		outputs += fmt.Sprintf("--- %v: %v\n%s", one.process.Args[1:3], one.process.err, one.process.out.String())
		if one.process.err == nil {
			succeeded++
			last = one.state
			continue
		}
		if out := one.process.out.String(); !strings.Contains(out, "another operation is in progress on release") && !strings.Contains(out, "lost the lease: another process took over release") {
			t.Errorf("%s: it failed of something else:\n%s", told, outputs)
		}
	}
	statuses := w.statuses(t)
	good := 0
	for version, status := range statuses {
		if version > 1 && (status == "deployed" || status == "superseded") {
			good++
		}
		if newest := version == len(statuses); (status == "deployed") != newest {
			t.Errorf("%s: revision %d is %s, among %v\n%s", told, version, status, statuses, outputs)
		}
	}
	if good != succeeded || succeeded == 0 || statuses[1] != "superseded" {
		t.Errorf("%s: %d succeeded, with %v\n%s", told, succeeded, statuses, outputs)
	}
	if diff := cmp.Diff(last, w.state(t)); diff != "" {
		t.Errorf("%s: got other objects (-want +got):\n%s\n%s", told, diff, outputs)
	}
}

// statuses are those of the revisions of the one release.
func (w *world) statuses(t *testing.T) map[int]string {
	t.Helper()
	found, err := kubetest.Client(t).CoreV1().Secrets(w.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil {
		t.Error(err)
		return nil
	}
	all := map[int]string{}
	for _, o := range found.Items {
		version, err := strconv.Atoi(o.Labels["version"])
		if err != nil {
			t.Error(err)
		}
		all[version] = o.Labels["status"]
	}
	return all
}
