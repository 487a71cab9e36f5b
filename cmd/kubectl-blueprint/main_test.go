package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestMain lets tests start main as kubectl-blueprint.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kubectl-blueprint": main})
}

// TestStreamsAndExitCodes checks that results go to standard output, errors to
// standard error, and that a failure has exit code 1.
func TestStreamsAndExitCodes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		{[]string{"version"}, 0, "", ""},
		{[]string{"validate", "-"}, 0, "1 file: 1 valid\n", ""},
		{[]string{"no-such-command"}, 1, "", "error: "},
	} {
		process := exec.Command("kubectl-blueprint", test.args...)
		process.Stdin = strings.NewReader(`{"recipe_mode": "job", "deployment_name": "a", "recipe_image_uri": "a"}`)
		var stdout, stderr strings.Builder
		process.Stdout, process.Stderr = &stdout, &stderr
		err := process.Run()
		if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if code := process.ProcessState.ExitCode(); code != test.code || !strings.HasPrefix(stdout.String(), test.stdout) || !strings.HasPrefix(stderr.String(), test.stderr) {
			t.Errorf("%v: exit code %d\n%s%s", test.args, code, &stdout, &stderr)
		}
		if (stdout.Len() > 0) != (test.code == 0) || (stderr.Len() > 0) != (test.code != 0) {
			t.Errorf("%v: stdout %q, stderr %q", test.args, &stdout, &stderr)
		}
	}
}

// TestSecondInterruptStopsAtOnce interrupts a command twice whose request the
// server does not answer. After the first interrupt it waits for the request,
// after the second it ends.
func TestSecondInterruptStopsAtOnce(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			written, end := make(chan struct{}, 1), make(chan struct{})
			kubeconfig := plugin.ServeAPI(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPost || r.URL.Query().Has("dryRun") {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				written <- struct{}{}
				<-end
			}))
			t.Cleanup(func() { close(end) }) // before the server waits for its requests
			payload := filepath.Join(t.TempDir(), "payload.json")
			if err := os.WriteFile(payload, []byte(`{"name": "a", "action": "create", "type": "opaque", "data": {"k": "v"}}`), 0o600); err != nil {
				t.Fatal(err)
			}
			process := exec.Command("kubectl-blueprint", "secrets", "apply", "-f", payload, "--kubeconfig", kubeconfig)
			stderr, err := process.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := process.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = process.Process.Kill() })
			select {
			case <-written:
			case <-time.After(20 * time.Second):
				_ = process.Process.Kill()
				text, _ := io.ReadAll(stderr)
				t.Fatalf("it sends no request\n%s", text)
			}
			_ = process.Process.Signal(signal)
			const message = "interrupted: waiting for in-flight requests (press Ctrl-C again to exit)\n"
			said := make([]byte, len(message))
			if _, err := io.ReadFull(stderr, said); err != nil || string(said) != message {
				t.Fatalf("got %q, %v", said, err)
			}
			time.Sleep(100 * time.Millisecond)
			if err := process.Process.Signal(signal); err != nil {
				t.Fatalf("it does not wait for its request: %v", err)
			}
			time.AfterFunc(10*time.Second, func() { _ = process.Process.Kill() })
			rest, _ := io.ReadAll(stderr)
			_ = process.Wait()
			if status := process.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != signal {
				t.Errorf("it ends with %v\n%s", process.ProcessState, rest)
			}
		})
	}
}
