package cmd_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// typed runs a command with a terminal for its standard input, on which the
// answer is typed once it asks, and returns what it said.
func typed(t *testing.T, p *plugin.Sandbox, answer string, args ...string) (code int, stderr string) {
	t.Helper()
	user, tty := openTerminal(t)
	process := exec.CommandContext(t.Context(), "kubectl-blueprint", args...)
	process.Env = append(os.Environ(), "KUBECONFIG="+p.Kubeconfig)
	said := &heard{}
	process.Stdin, process.Stderr = tty, said
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- process.Wait() }()
	for {
		select {
		case <-done:
			return process.ProcessState.ExitCode(), said.String()
		case <-time.After(time.Millisecond):
		}
		if answer == "" || !strings.HasSuffix(said.String(), "Continue? [y/N] ") {
			continue
		}
		if answer == "interrupt" {
			_ = process.Process.Signal(syscall.SIGINT)
		} else if _, err := io.WriteString(user, answer); err != nil {
			t.Fatal(err)
		}
		answer = ""
	}
}

// heard is what a process says, to be read while it runs.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(p)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// TestDeployAsks types answers to the question whether pods may be restarted.
func TestDeployAsks(t *testing.T) {
	t.Parallel()
	p := plugin.NewSandbox(t)
	one, two := p.Write("one.json", service("1")), p.Write("two.json", service("2"))
	const asked = "Continue? [y/N] "
	written := regexp.MustCompile(`release recipe-a (installed|upgraded) \(revision`)
	for _, c := range []struct {
		answer string
		args   []string
		code   int
		asks   bool
	}{
		{"", []string{one}, 0, false}, // which is new
		{"", []string{one}, 0, false}, // and then unchanged
		{"n\n", []string{two}, 1, true},
		{"\n", []string{two}, 1, true},
		{"\x04", []string{two}, 1, true}, // Ctrl-D
		{"interrupt", []string{two}, 130, true},
		{"y\n", []string{two}, 0, true},
		{"Yes\n", []string{one}, 0, true},
		{"", []string{two, "--yes"}, 0, false},
		{"", []string{one, "-y"}, 0, false},
	} {
		_, before, _ := p.Run("history", "recipe-a", "-o", "json")
		code, said := typed(t, p, c.answer, append([]string{"deploy", "--wait=false", "--preflight=off"}, c.args...)...)
		if code != c.code || strings.Contains(said, asked) != c.asks {
			t.Errorf("%v, answered %q: code %d, and it says\n%s", c.args, c.answer, code, said)
		}
		_, after, _ := p.Run("history", "recipe-a", "-o", "json")
		if wrote := before != after; wrote != written.MatchString(said) || wrote && c.code != 0 {
			t.Errorf("%v, answered %q: wrote: %t, and it says\n%s", c.args, c.answer, wrote, said)
		}
		refusal := map[string]string{"n\n": "error: aborted; nothing was changed\n", "interrupt": "\nerror: interrupted; nothing was changed\n"}[c.answer]
		if !strings.Contains(said, refusal) {
			t.Errorf("it says\n%s", said)
		}
	}
}

// TestRollbackAsks tells what a rollback restarts before it asks.
func TestRollbackAsks(t *testing.T) {
	t.Parallel()
	p := plugin.NewSandbox(t)
	p.Deploy(p.Write("one.json", service("1")))
	p.Deploy(p.Write("two.json", service("2")))
	const effect, written = "deployment.apps/recipe-a: restarts 1 pod", "release recipe-a rolled back to revision 1 (revision 3)"
	code, said := typed(t, p, "n\n", "rollback", "a", "--wait=false")
	if code != 1 || !strings.Contains(said, effect) || !strings.Contains(said, "error: aborted; nothing was changed") || strings.Contains(said, written) {
		t.Errorf("refused: code %d, and it says\n%s", code, said)
	}
	code, said = typed(t, p, "y\n", "rollback", "a", "--wait=false")
	if code != 0 || !strings.Contains(said, written) {
		t.Errorf("confirmed: code %d, and it says\n%s", code, said)
	}
	code, said = typed(t, p, "", "rollback", "a", "2", "--wait=false", "--yes")
	if code != 0 || strings.Contains(said, "[y/N]") || !strings.Contains(said, "rolled back to revision 2 (revision 4)") {
		t.Errorf("--yes: code %d, and it says\n%s", code, said)
	}
	code, said = typed(t, p, "", "rollback", "a", "2", "--wait=false")
	if code != 0 || strings.Contains(said, "[y/N]") || !strings.Contains(said, "release recipe-a (revision 4) already matches revision 2") {
		t.Errorf("unchanged: code %d, and it says\n%s", code, said)
	}
}

// TestUndeployAsks names the volumes before it removes what is on them.
func TestUndeployAsks(t *testing.T) {
	t.Parallel()
	p := plugin.NewSandbox(t)
	kept := p.Write("kept.json", `{"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "a:1", "recipe_container_port": 80,
		"pvcs": {"volumes": [{"name": "data", "mount_location": "/data", "volume_size_in_gbs": 1}], "retain_after_undeploy": true}}`)
	p.Deploy(kept)
	const loss = "persistentvolumeclaim/recipe-a-data and its data will be deleted"
	code, said := typed(t, p, "n\n", "undeploy", kept, "--delete-volumes")
	if code != 1 || !strings.Contains(said, loss) {
		t.Errorf("refused: code %d, and it says\n%s", code, said)
	}
	if code, _, stderr := p.Run("history", "a"); code != 0 {
		t.Errorf("it is gone all the same: %s", stderr)
	}
	code, said = typed(t, p, "", "undeploy", "a")
	if code != 0 || strings.Contains(said, "[y/N]") {
		t.Errorf("without --delete-volumes: code %d, and it says\n%s", code, said)
	}
	code, said = typed(t, p, "y\n", "undeploy", "a", "--delete-volumes")
	if code != 0 || !strings.Contains(said, loss) {
		t.Errorf("what was left: code %d, and it says\n%s", code, said)
	}
	p.Deploy(kept)
	code, said = typed(t, p, "", "undeploy", "a", "--delete-volumes", "--yes")
	if code != 0 || strings.Contains(said, "[y/N]") {
		t.Errorf("--yes: code %d, and it says\n%s", code, said)
	}
}

// TestDiffColors has colors on a terminal, unless they are not wanted.
func TestDiffColors(t *testing.T) {
	t.Parallel()
	p := plugin.NewSandbox(t)
	p.Deploy(p.Write("one.json", service("1")))
	two := p.Write("two.json", service("2"))
	for env, want := range map[string]string{
		"TERM=xterm": "\x1b[31m-      - image: a:1\x1b[0m", "NO_COLOR=1": "\n-      - image: a:1\r\n", "TERM=dumb": "\n-      - image: a:1\r\n",
	} {
		user, tty := openTerminal(t)
		process := exec.CommandContext(t.Context(), "kubectl-blueprint", "diff", two, "--kubeconfig", p.Kubeconfig)
		process.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=", env)
		process.Stdout = tty
		if err := process.Run(); process.ProcessState.ExitCode() != 1 {
			t.Fatal(err)
		}
		if _, err := io.WriteString(tty, "end"); err != nil {
			t.Fatal(err)
		}
		var shown strings.Builder
		for !strings.HasSuffix(shown.String(), "end") {
			part := make([]byte, 1024)
			n, err := user.Read(part)
			if err != nil {
				t.Fatal(err)
			}
			shown.Write(part[:n])
		}
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%s: no %q in %q", env, want, shown.String())
		}
	}
	if _, stdout, _ := p.Run("diff", two); strings.Contains(stdout, "\x1b") {
		t.Errorf("a pipe gets %q", stdout)
	}
}
