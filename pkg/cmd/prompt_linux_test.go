package cmd_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// openTerminal returns both ends of a pseudo-terminal: where a user types, and
// what a process reads.
func openTerminal(t *testing.T) (user, tty *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = user.Close() })
	number, err := unix.IoctlGetInt(int(user.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(user.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tty.Close() })
	return user, tty
}

func echoes(t *testing.T, tty *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// prompted is the plugin's process at its prompt.
type prompted struct {
	*exec.Cmd
	user, tty *os.File
	stderr    *bufio.Reader
}

// startPrompted starts the plugin with a payload of one prompt, and more data.
func startPrompted(t *testing.T, kubeconfig, more string) *prompted {
	t.Helper()
	file := filepath.Join(t.TempDir(), "payload.json")
	payload := `{"name": "asked", "action": "create", "type": "opaque", "data": {"k": {"valueFrom": {"prompt": "Token\u001b[2J\u202e"}}` + more + `}}`
	if err := os.WriteFile(file, []byte(payload), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &prompted{Cmd: exec.Command("kubectl-blueprint", "secrets", "apply", "-f", file, "--kubeconfig", kubeconfig)}
	p.user, p.tty = openTerminal(t)
	p.Stdin = p.tty
	stderr, err := p.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	p.stderr = bufio.NewReader(stderr)
	if text, err := p.stderr.ReadString(' '); text != `Token\x1b[2J\u202e: ` {
		t.Fatalf("the prompt is %q, %v", text, err)
	}
	for echoes(t, p.tty) { // until it listens
		time.Sleep(time.Millisecond)
	}
	return p
}

// TestPromptDoesNotEcho types a value at the prompt of a terminal.
func TestPromptDoesNotEcho(t *testing.T) {
	t.Parallel()
	kubeconfig, namespace := filepath.Join(t.TempDir(), "kubeconfig"), kubetest.Namespace(t)
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	p := startPrompted(t, kubeconfig, "")
	if _, err := io.WriteString(p.user, canaries[0]+"\n"); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(p.stderr)
	if err := p.Wait(); err != nil || strings.Contains(string(rest), canaries[0]) {
		t.Errorf("%v\n%s", err, rest)
	}
	if _, err := io.WriteString(p.tty, "end"); err != nil { // what the process wrote to the terminal came before this
		t.Fatal(err)
	}
	shown := make([]byte, 1024)
	n, err := p.user.Read(shown)
	if err != nil || bytes.Contains(shown[:n], []byte(canaries[0])) || !bytes.HasSuffix(shown[:n], []byte("end")) {
		t.Errorf("the terminal shows %q, %v", shown[:n], err)
	}
	live, err := kubetest.Client(t).CoreV1().Secrets(namespace).Get(t.Context(), "asked", metav1.GetOptions{})
	if err != nil || string(live.Data["k"]) != canaries[0] {
		t.Errorf("Secret is %v, %v, want what was typed", live.Data, err)
	}
}

// TestPromptInterrupted interrupts the first of two prompts: the second is not
// shown, and the terminal is left as it was.
func TestPromptInterrupted(t *testing.T) {
	t.Parallel()
	p := startPrompted(t, filepath.Join(t.TempDir(), "none"), `, "l": {"valueFrom": {"prompt": "Never asked"}}`)
	if err := p.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(p.stderr)
	if err := p.Wait(); err == nil || string(rest) != "\nerror: interrupted\n" {
		t.Errorf("%v\n%q", err, rest)
	}
	if !echoes(t, p.tty) {
		t.Error("the terminal no longer echoes")
	}
}
