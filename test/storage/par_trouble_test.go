package storage

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A cut connection, or a server that is busy, delays a download. It goes on
// where it was cut.
func TestRequestGoesOnAfterTrouble(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	const name = "models/a/weights.bin"
	half := len(sample()[name]) / 2
	cut := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(2*half))
		_, _ = w.Write([]byte(sample()[name][:half]))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "busy", code) }
	}
	for title, test := range map[string]struct {
		object string
		fault  http.HandlerFunc
		want   []string // requests for the object
	}{
		"cut":                  {name, cut, []string{name, fmt.Sprintf("%s bytes=%d-", name, half)}},
		"busy":                 {name, status(503), []string{name, name}},
		"too many requests":    {name, status(429), []string{name, name}},
		"cut before an answer": {name, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []string{name, name}},
		"list":                 {"", status(500), []string{name}},
		"list is no JSON":      {"", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"objects":[`)) }, []string{name}},
	} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			s := newPARServer(t, sample())
			s.once(test.object, test.fault)
			p := newPod(t, par(s, map[string]any{}))
			output := download(t, p, 0, s.env...)
			if diff := cmp.Diff(kept(s.objects, func(string) bool { return true }), files(t, p.volumes["input-0"])); diff != "" {
				t.Errorf("files differ (-want +got):\n%s\n%s", diff, output)
			}
			if diff := cmp.Diff(test.want, s.asked(name)); diff != "" {
				t.Errorf("requests differ (-want +got):\n%s", diff)
			}
			if !strings.Contains(output, "retrying") {
				t.Errorf("want the trouble told, got:\n%s", output)
			}
		})
	}
}

// A container that was killed halfway is started again with the same volume.
func TestRequestGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	const name = "models/a/weights.bin"
	s := newPARServer(t, map[string]string{name: sample()[name], "done": "done"})
	stalled := make(chan struct{})
	s.once(name, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(s.objects[name])))
		_, _ = w.Write([]byte(s.objects[name][:300_000]))
		w.(http.Flusher).Flush()
		close(stalled)
		<-r.Context().Done()
	})
	p := newPod(t, par(s, map[string]any{}))
	command, out := p.command(t, "download-0", s.env...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	<-stalled
	await(t, func() bool { return stored(t, p.volumes["input-0"]) == 300_000+len("done") })
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	output := download(t, p, 0, s.env...)
	if diff := cmp.Diff(s.objects, files(t, p.volumes["input-0"])); diff != "" {
		t.Errorf("files differ (-want +got):\n%s\n%s%s", diff, out, output)
	}
	if diff := cmp.Diff([]string{name, name + " bytes=300000-"}, s.asked(name)); diff != "" {
		t.Errorf("requests differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"done"}, s.asked("done")); diff != "" {
		t.Errorf("a complete file is downloaded again (-want +got):\n%s", diff)
	}
}

// Half of an old version is not completed with half of a new one.
func TestRequestDoesNotMixVersions(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	s := newPARServer(t, map[string]string{"a": strings.Repeat("old", 1000)})
	p := newPod(t, par(s, map[string]any{}))
	write(t, p.volumes["input-0"], "a."+partID(s.objects["a"])+".part", []byte("oldol"))
	s.objects["a"] = strings.Repeat("new", 1000)
	download(t, p, 0, s.env...)
	if got := files(t, p.volumes["input-0"])["a"]; got != s.objects["a"] {
		t.Errorf("want the new version, got %d bytes: %.20q", len(got), got)
	}
}

func stored(t *testing.T, directory string) int {
	t.Helper()
	size := 0
	for _, content := range files(t, directory) {
		size += len(content)
	}
	return size
}

// await waits for what another process does.
func await(t *testing.T, happened func() bool) {
	t.Helper()
	for !happened() {
		select {
		case <-t.Context().Done():
			t.Fatal("it did not happen")
		case <-time.After(10 * time.Millisecond):
		}
	}
}
