package storage

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestRequestSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	for name, test := range map[string]struct {
		input map[string]any
		spoil func(s *parServer, p *pod)
		code  int
		want  string
	}{
		"expired":               {spoil: func(s *parServer, _ *pod) { s.always(401) }, code: 3, want: "HTTP 401"},
		"forbidden":             {spoil: func(s *parServer, _ *pod) { s.always(403) }, code: 3, want: "may have expired or been revoked"},
		"gone":                  {spoil: func(s *parServer, _ *pod) { s.always(404) }, code: 3, want: "set par in the recipe and deploy again"},
		"refused by the server": {spoil: func(s *parServer, _ *pod) { s.always(400) }, code: 5, want: "listing objects: the server returned HTTP 400"},
		"busy for long":         {spoil: func(s *parServer, _ *pod) { s.always(503) }, code: 5, want: "listing objects: HTTP 503, 6 times in a row"},
		"nothing included":      {input: map[string]any{"include": []string{"Models/"}}, code: 4, want: "nothing to download"},
		"empty bucket":          {spoil: func(s *parServer, _ *pod) { s.objects = nil }, code: 4, want: "nothing to download"},
		"disk full": {spoil: func(s *parServer, p *pod) {
			s.objects = map[string]string{"x": "content"}
			part := fmt.Sprintf("x.%s.part", partID(s.objects["x"]))
			_ = os.Symlink("/dev/full", filepath.Join(p.volumes["input-0"], part))
		}, code: 6, want: "'x': No space left on device. Increase volume_size_in_gbs"},
		"file in place of a directory": {spoil: func(_ *parServer, p *pod) {
			_ = os.WriteFile(filepath.Join(p.volumes["input-0"], "models"), nil, 0o644)
		}, code: 6, want: "'models/"},
		"leads out by dots":    {spoil: func(s *parServer, _ *pod) { s.objects["models/../../x"] = "x" }, code: 6, want: "leads outside the directory; exclude it"},
		"leads out by a slash": {spoil: func(s *parServer, _ *pod) { s.objects["/etc/x"] = "x" }, code: 6, want: "leads outside the directory"},
		"leads out by a link": {spoil: func(_ *parServer, p *pod) {
			_ = os.Symlink(os.TempDir(), filepath.Join(p.volumes["input-0"], "odd"))
		}, code: 6, want: "leads outside the directory"},
		"no such URL":   {spoil: func(_ *parServer, p *pod) { p.setPAR("https://[::1/p/" + token + "/o/") }, code: 2, want: "must be the URL of a pre-authenticated request"},
		"blank in URL":  {spoil: func(_ *parServer, p *pod) { p.setPAR("https://127.0.0.1:1/p/" + token + " x/o/") }, code: 2, want: "must be the URL of a pre-authenticated request"},
		"not a request": {spoil: func(_ *parServer, p *pod) { p.setPAR("https://127.0.0.1:1/p/" + token) }, code: 2, want: "must be the URL of a pre-authenticated request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newPARServer(t, sample())
			if test.input == nil {
				test.input = map[string]any{}
			}
			p := newPod(t, par(s, test.input))
			if test.spoil != nil {
				test.spoil(s, p)
			}
			output := download(t, p, test.code, s.env...)
			if !strings.Contains(output, test.want) {
				t.Errorf("want %q, got:\n%s", test.want, output)
			}
			if lines := strings.Count(output, "error: "); lines != 1 {
				t.Errorf("want one error, got %d:\n%s", lines, output)
			}
		})
	}
}

// A server whose certificate nobody vouches for gets no credential.
func TestRequestWantsTrustedServers(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	s := newPARServer(t, sample())
	p := newPod(t, par(s, map[string]any{}))
	output := download(t, p, 5, "LC_ALL=C.UTF-8")
	if !strings.Contains(output, "untrusted server certificate: ") || len(s.asked("")) != 0 {
		t.Errorf("want no request, got %q and:\n%s", s.asked(""), output)
	}
}

// Process 1 of a container ignores signals for which it has no handler, and
// an undeploy would then wait for as long as Kubernetes lets it.
func TestRequestEndsWhenAsked(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	s := newPARServer(t, map[string]string{"a": "a"})
	waiting := make(chan struct{})
	s.once("a", func(_ http.ResponseWriter, r *http.Request) { close(waiting); <-r.Context().Done() })
	command, out := newPod(t, par(s, map[string]any{})).command(t, "download-0", s.env...)
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	<-waiting
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait()
	if code := command.ProcessState.ExitCode(); code != 143 {
		t.Errorf("want the exit code of SIGTERM, got %d:\n%s", code, out)
	}
}

// setPAR replaces the URL of the request, past the rules of the chart.
func (p *pod) setPAR(url string) {
	for _, data := range p.secrets {
		data["par-0"] = []byte(url)
	}
}

// partID is what the script adds to the name of a partial file.
func partID(content string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(etag(content))))[:8]
}
