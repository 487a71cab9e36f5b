package rollout_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/startup"
)

// server is a model server on the simulated node: its container starts, and writes a log.
type server struct {
	*fixture
	requests atomic.Int32
	// log answers the requests for its log.
	log func(request int, query url.Values) (code int, log io.Reader)
}

const (
	starting = `containerStatuses: [{name: main, ready: false, restartCount: 0, image: x, imageID: x, state: {running: {}}}]`
	started  = `{conditions: [{type: Ready, status: "True", lastTransitionTime: "TIME"}],
		containerStatuses: [{name: main, ready: true, restartCount: 0, image: x, imageID: x, state: {running: {}}}]}`

	downloads = "weights.bin:  43%|████▎     | 6.10G/14.2G [00:12<00:16, 500MB/s]\n"
	loads     = "Loading safetensors checkpoint shards:  38% Completed | 3/8 [00:01<00:02,  2.50it/s]\n"
	serves    = "INFO:     Application startup complete.\n"
)

// newServer returns a server whose log has text, and then stays open.
func newServer(t *testing.T, text string) *server {
	t.Helper()
	s := &server{fixture: newFixture(t, spec(deployment)), log: func(int, url.Values) (int, io.Reader) {
		return http.StatusOK, open(text)
	}}
	s.config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &serverLogs{next, s} })
	return s
}

// open returns a log that has text and does not end.
func open(text string) io.Reader {
	r, w := io.Pipe()
	go func() { _, _ = io.WriteString(w, text) }()
	return r
}

type serverLogs struct {
	next http.RoundTripper
	*server
}

func (s *serverLogs) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/log") {
		return s.next.RoundTrip(r)
	}
	code, log := http.StatusOK, io.Reader(strings.NewReader(""))
	if query := r.URL.Query(); query.Get("timestamps") == "true" { // not the log of a failure
		code, log = s.log(int(s.requests.Add(1)), query)
	}
	if pipe, ok := log.(*io.PipeReader); ok {
		context.AfterFunc(r.Context(), func() { _ = pipe.CloseWithError(r.Context().Err()) })
	}
	return &http.Response{StatusCode: code, Header: http.Header{"Content-Type": {"text/plain"}}, Body: io.NopCloser(log), Request: r}, nil
}

// start watches the server. Its container, which the simulated node has made ready, starts
// at once.
func (s *server) start(limit time.Duration, on func(rollout.Change)) (*recorder, error) {
	begun := false
	return s.watch(limit, func(c rollout.Change) {
		if strings.HasPrefix(c.Object, "pod/") && c.Container == "" && c.State == rollout.Ready && !begun {
			begun = true
			s.patch(s.pod(), "{"+notReady+starting+"}")
		}
		if on != nil {
			on(c)
		}
	})
}

// finish makes the container ready after some time.
func (s *server) finish(after time.Duration) {
	pod := s.pod()
	s.patch(pod, strings.Replace(started, "TIME", pod.CreationTimestamp.Add(after).UTC().Format(time.RFC3339), 1))
}

// has reports whether the watch said text about the container.
func (r *recorder) has(text string) bool {
	return slices.ContainsFunc(r.lines, func(line string) bool { return strings.HasSuffix(line, ": container main: "+text) })
}

// TestPhases shows each phase soon after its line in the log, and how long it took.
func TestPhases(t *testing.T) {
	t.Parallel()
	s := newServer(t, "")
	created := time.Time{}
	lines, log := io.Pipe()
	var written time.Time
	write := func(after time.Duration, text string) {
		written = time.Now()
		go func() { _, _ = io.WriteString(log, created.Add(after).Format(time.RFC3339Nano)+" "+text) }()
	}
	var query url.Values
	s.log = func(_ int, q url.Values) (int, io.Reader) {
		query, created = q, s.pod().CreationTimestamp.Time
		write(time.Second, downloads)
		return http.StatusOK, lines
	}
	r, err := s.start(30*time.Second, func(c rollout.Change) {
		if c.Phase == "" {
			return
		}
		if late := time.Since(written); late > 5*time.Second {
			t.Errorf("%s is shown after %s", c.Phase, late)
		}
		switch c.Phase {
		case startup.PhaseDownload:
			write(61*time.Second, loads)
		case startup.PhaseLoad:
			write(71*time.Second, serves)
		case startup.PhaseServe:
			s.finish(75 * time.Second)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"downloading 43% (6.1 of 14.2 GB)", "loading shards 3/8", "server up"} {
		if !r.has(want) {
			t.Errorf("no %q in\n%s", want, strings.Join(r.lines, "\n"))
		}
	}
	phases := []rollout.PhaseDuration{{Phase: "download", Seconds: 60}, {Phase: "load", Seconds: 10}}
	if diff := cmp.Diff(&rollout.Startup{Seconds: 75, Phases: phases}, r.startup); diff != "" {
		t.Errorf("startup (-want +got):\n%s", diff)
	}
	if s.requests.Load() != 1 || query.Get("follow") != "true" || query.Get("timestamps") != "true" || query.Get("tailLines") != "1000" || query.Get("container") != "main" {
		t.Errorf("%d requests, the last is %s", s.requests.Load(), query)
	}
}

// TestStuckStart ends without progress, and names the last phase.
func TestStuckStart(t *testing.T) {
	t.Parallel()
	s := newServer(t, downloads+strings.Repeat("still here\n", 100))
	s.timeouts.NoProgress = 2 * time.Second
	_, err := s.start(30*time.Second, nil)
	var failure *rollout.Failure
	if !errors.As(err, &failure) || failure.Cause != "start" || failure.Phase != startup.PhaseDownload || failure.After != "no progress for 2s; last phase: download" {
		t.Fatalf("ends with %v, %+v", err, failure)
	}
	if failure.Text() != "downloading 43% (6.1 of 14.2 GB)" || !strings.HasSuffix(failure.Error(), ": container main: downloading 43% (6.1 of 14.2 GB) (no progress for 2s; last phase: download)") {
		t.Errorf("ends with %v", failure)
	}
}

// TestSlowStart takes longer than the timeout, but not without progress.
func TestSlowStart(t *testing.T) {
	t.Parallel()
	s := newServer(t, "")
	s.timeouts.NoProgress = 3 * time.Second
	s.log = func(int, url.Values) (int, io.Reader) {
		r, w := io.Pipe()
		go func() {
			for i := range 8 {
				_, _ = fmt.Fprintf(w, "Loading checkpoint shards: x\nLoading safetensors checkpoint shards:  0%% Completed | %d/8 [00:00\n", i)
				time.Sleep(time.Second)
			}
			s.finish(8 * time.Second)
		}()
		return http.StatusOK, r
	}
	begun := time.Now()
	if r, err := s.start(30*time.Second, nil); err != nil || time.Since(begun) < 2*s.timeouts.NoProgress {
		t.Errorf("ends after %s with %v\n%s", time.Since(begun), err, strings.Join(r.lines, "\n"))
	}
}

// TestProgressBar is shown about once per second, however often it changes.
func TestProgressBar(t *testing.T) {
	t.Parallel()
	var bar strings.Builder
	for i := range 1000 {
		_, _ = fmt.Fprintf(&bar, "\r  0%%|          | %d/1000 [00:00<?, ?it/s]", i)
	}
	s := newServer(t, bar.String()+"\n")
	r, err := s.start(5*time.Second, nil)
	shown := slices.DeleteFunc(slices.Clone(r.lines), func(line string) bool { return !strings.Contains(line, "/1000") })
	if len(shown) == 0 || len(shown) > 4 || !r.has("loading 999/1000") {
		t.Errorf("%v, shown %q", err, shown)
	}
}

// TestProgressWithoutValues redacts what a log quotes.
func TestProgressWithoutValues(t *testing.T) {
	t.Parallel()
	s := newServer(t, "Download file: c4n4ry.safetensors\n")
	s.timeouts.NoProgress = 2 * time.Second
	s.target.Redact = func(_ context.Context, _ *corev1.PodSpec, lines []string) []string {
		return strings.Split(strings.ReplaceAll(strings.Join(lines, "\n"), "c4n4ry", "***"), "\n")
	}
	r, err := s.start(30*time.Second, nil)
	if !r.has("downloading ***.safetensors") || err == nil || strings.Contains(strings.Join(r.lines, "\n")+err.Error(), "c4n4ry") {
		t.Errorf("%v\n%s", err, strings.Join(r.lines, "\n"))
	}
}

// TestLogIsResumed continues after the last line if the stream ends.
func TestLogIsResumed(t *testing.T) {
	t.Parallel()
	const first, second = "2026-11-28T10:00:00.5Z " + loads, "2026-11-28T10:00:00.7Z " + serves
	s := newServer(t, "")
	var since atomic.Value
	s.log = func(request int, query url.Values) (int, io.Reader) {
		switch request {
		case 1:
			return http.StatusOK, strings.NewReader(first)
		case 2:
			return http.StatusInternalServerError, strings.NewReader("")
		}
		since.Store(query.Get("sinceTime"))
		return http.StatusOK, open(first + second)
	}
	var phases []startup.Phase
	_, err := s.start(30*time.Second, func(c rollout.Change) {
		if c.Phase != "" {
			phases = append(phases, c.Phase)
		}
		if c.Phase == startup.PhaseServe {
			s.finish(0)
		}
	})
	if diff := cmp.Diff([]startup.Phase{"load", "serve"}, phases); err != nil || diff != "" || s.requests.Load() != 3 || since.Load() != "2026-11-28T10:00:00Z" {
		t.Errorf("%v, %d requests, the last since %v, phases (-want +got):\n%s", err, s.requests.Load(), since.Load(), diff)
	}
}

// TestLogsForbidden notes once that progress cannot be shown.
func TestLogsForbidden(t *testing.T) {
	t.Parallel()
	s := newServer(t, "")
	s.log = func(int, url.Values) (int, io.Reader) {
		return http.StatusForbidden, strings.NewReader(`pods "web" is forbidden`)
	}
	r, err := s.start(6*time.Second, nil)
	notes := slices.DeleteFunc(slices.Clone(r.lines), func(line string) bool { return !strings.HasPrefix(line, "cannot show startup progress: ") })
	if len(notes) != 1 || s.requests.Load() != 1 {
		t.Errorf("%v, %d requests\n%s", err, s.requests.Load(), strings.Join(r.lines, "\n"))
	}
}

// TestInterruptDoesNotWait for a log that is being followed.
func TestInterruptDoesNotWait(t *testing.T) {
	t.Parallel()
	s := newServer(t, downloads)
	ctx, cancel := context.WithCancel(t.Context())
	var interrupted time.Time
	r := &recorder{on: func(c rollout.Change) {
		switch {
		case strings.HasPrefix(c.Object, "pod/") && c.Container == "" && c.State == rollout.Ready:
			s.patch(s.pod(), "{"+notReady+starting+"}")
		case c.Phase != "":
			interrupted = time.Now()
			cancel()
		}
	}}
	w := s.watcher()
	_, err := w.Watch(ctx, s.target, s.timeouts, r)
	var failure *rollout.Failure
	if !errors.As(err, &failure) || !failure.Interrupted() || time.Since(interrupted) > time.Second {
		t.Errorf("ends %s after the interrupt with %v", time.Since(interrupted), err)
	}
	if !strings.Contains(err.Error(), "container main: downloading 43% (6.1 of 14.2 GB)") {
		t.Errorf("ends with %v", err)
	}
}

// TestStatusShowsProgress reads the last lines of the log, once.
func TestStatusShowsProgress(t *testing.T) {
	t.Parallel()
	s := newServer(t, "")
	var query url.Values
	s.log = func(_ int, q url.Values) (int, io.Reader) {
		query = q
		return http.StatusOK, strings.NewReader(downloads + loads)
	}
	_, _ = s.start(2*time.Second, nil)
	s.requests.Store(0)
	tree, _, err := s.watcher().Status(t.Context(), s.target, &recorder{})
	if err != nil || !slices.ContainsFunc(tree, func(s rollout.Status) bool {
		return s.Container == "main" && s.Phase == startup.PhaseLoad && s.Text() == "loading shards 3/8"
	}) {
		t.Errorf("%v: %+v", err, tree)
	}
	if s.requests.Load() != 1 || query.Get("follow") != "" || query.Get("tailLines") != "100" || query.Get("limitBytes") == "" {
		t.Errorf("%d requests, the last is %s", s.requests.Load(), query)
	}
}
