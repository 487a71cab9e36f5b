package process

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// start starts a shell with a script, which gets -socket=FILE as $0.
func start(t *testing.T, script string) *Process {
	t.Helper()
	p, err := Start(Config{Dir: filepath.Join(t.TempDir(), "p"), Command: []string{"/bin/sh", "-c", script}, Env: []string{"A=b"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		p.Stop(ctx)
	})
	return p
}

// lines returns the streams, tags and texts of the log.
func (p *Process) lines(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(p.LogFile())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(content)) {
		stamp, text, _ := strings.Cut(line, " ")
		if written, err := time.Parse(time.RFC3339Nano, stamp); err != nil || time.Since(written) > time.Minute {
			t.Errorf("time %s", stamp)
		}
		lines = append(lines, strings.TrimSuffix(text, "\n"))
	}
	return lines
}

func TestLog(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 1000)
	p := start(t, `echo $A; echo; printf '1\r2\n'; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do printf `+long+`; done; echo; printf end; exit 7`)
	<-p.Ended()
	want := []string{"stdout F b", "stdout F ", "stdout F 1\r2", "stdout P " + strings.Repeat("x", maxLine), "stdout F " + strings.Repeat("x", 17000-maxLine), "stdout F end"}
	got := p.lines(t)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %.200q", got)
	}
	if code := p.ExitCode(); code != 7 {
		t.Errorf("exit code %d", code)
	}
}

func TestStandardErrorAndEnvironment(t *testing.T) {
	t.Parallel()
	p := start(t, `env >&2; echo $0`)
	<-p.Ended()
	got := strings.Join(p.lines(t), "\n")
	if strings.Contains(got, "HOME=") || !strings.Contains(got, "stderr F A=b") || !strings.Contains(got, "stdout F -socket="+p.socket()) {
		t.Errorf("got %q", got)
	}
}

func TestStop(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]int32{
		"trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done":     5,
		"echo up; exec sleep 1000":                                      128 + 15,
		"trap '' TERM; echo up; sleep 1000 & while :; do sleep 1; done": 128 + 9,
	} {
		grace := time.Minute
		if want == 128+9 {
			grace = 100 * time.Millisecond
		}
		p := start(t, script)
		for deadline := time.Now().Add(10 * time.Second); len(p.lines(t)) == 0 && time.Now().Before(deadline); {
			time.Sleep(5 * time.Millisecond)
		}
		ctx, cancel := context.WithTimeout(t.Context(), grace)
		p.Stop(ctx)
		cancel()
		if got := p.ExitCode(); got != want {
			t.Errorf("%s: exit code %d, want %d", script, got, want)
		}
	}
}

func TestUnhealthyWithoutServer(t *testing.T) {
	t.Parallel()
	p := start(t, "exec sleep 1000")
	if _, err := p.Dial(t.Context()); err == nil || err.Error() != "connection refused" {
		t.Errorf("got %v", err)
	}
	if p.Healthy(t.Context()) {
		t.Error("healthy")
	}
}

func TestMissingProgram(t *testing.T) {
	t.Parallel()
	if _, err := Start(Config{Dir: t.TempDir(), Command: []string{"/no/such/program"}}); err == nil {
		t.Error("started")
	}
}
