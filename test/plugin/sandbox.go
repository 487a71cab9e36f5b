package plugin

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// Sandbox is a namespace of the test cluster and a directory, both for one test.
type Sandbox struct {
	Namespace  string
	Dir        string
	Kubeconfig string // in Dir, with Namespace in its context

	t testing.TB
}

// NewSandbox creates a sandbox and removes it after the test.
func NewSandbox(t testing.TB) *Sandbox {
	t.Helper()
	s := &Sandbox{t: t, Dir: t.TempDir(), Namespace: kubetest.Namespace(t)}
	s.Kubeconfig = filepath.Join(s.Dir, "kubeconfig")
	if err := WriteKubeconfig(kubetest.Kubeconfig(t), s.Kubeconfig, s.Namespace); err != nil {
		t.Fatal(err)
	}
	return s
}

// Write writes a file and returns its path.
func (s *Sandbox) Write(name, text string) string {
	s.t.Helper()
	file := filepath.Join(s.Dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

// Command returns a process of the plugin that works in the sandbox.
func (s *Sandbox) Command(args ...string) *exec.Cmd {
	process := exec.CommandContext(s.t.Context(), "kubectl-blueprint", args...)
	process.Dir = s.Dir
	process.Env = append(os.Environ(), "KUBECONFIG="+s.Kubeconfig)
	return process
}

// Run runs the plugin as a process that works in the sandbox.
func (s *Sandbox) Run(args ...string) (code int, stdout, stderr string) {
	s.t.Helper()
	process := s.Command(args...)
	var out, errOut bytes.Buffer
	process.Stdout, process.Stderr = &out, &errOut
	err := process.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Error(err)
		return -1, "", ""
	}
	return process.ProcessState.ExitCode(), out.String(), errOut.String()
}

// Deploy deploys a file and does not wait until it is ready.
func (s *Sandbox) Deploy(file string) {
	s.t.Helper()
	if code, _, stderr := s.Run("deploy", file, "--wait=false", "--preflight=off"); code != 0 {
		s.t.Fatalf("deploy %s: exit code %d\n%s", file, code, stderr)
	}
}
