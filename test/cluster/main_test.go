package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// patience bounds every wait. It is far more than a wait takes, so that a busy
// machine fails no test.
const patience = 2 * time.Minute

// binaryVariable names a cluster binary to test in place of a new build.
const binaryVariable = "BLUEPRINT_CLUSTER_BIN"

// sharedKubeconfig is that of the cluster which TestMain runs the tests in.
const sharedKubeconfig = "BLUEPRINT_TEST_CLUSTER"

// TestMain builds the binary and runs this test again as its COMMAND, so that
// all tests of pods share one start, made the way other suites make it.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == modelServer {
		serveModel(os.Args[2:])
		return
	}
	if os.Getenv(sharedKubeconfig) != "" && os.Getenv(binaryVariable) != "" {
		os.Exit(m.Run())
	}
	os.Exit(runInCluster())
}

func runInCluster() int {
	dir, err := os.MkdirTemp("", "cluster-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := os.Getenv(binaryVariable)
	if binary == "" {
		binary = filepath.Join(dir, "cluster")
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // as everybody builds it: the cache is warm
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "building the cluster:", err)
			return 1
		}
	}
	cmd := exec.Command(binary, append([]string{"--", os.Args[0]}, os.Args[1:]...)...)
	cmd.Env = append(os.Environ(), binaryVariable+"="+binary)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return 1
	}
	return 0
}

// sharedClient talks to the cluster that the tests run in.
func sharedClient(t *testing.T) kubernetes.Interface {
	t.Helper()
	return newClient(t, os.Getenv(sharedKubeconfig))
}

func newClient(t *testing.T, kubeconfig string) kubernetes.Interface {
	t.Helper()
	rc, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	rc.QPS = -1
	c, err := kubernetes.NewForConfig(rc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// eventually waits until check returns no error.
func eventually(t *testing.T, check func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		err := check(ctx)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal(err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// process is a cluster of a test's own.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
	temp           string // its TMPDIR
}

func newProcess(t *testing.T, args ...string) *process {
	t.Helper()
	temp, err := os.MkdirTemp("", "t") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(os.Getenv(binaryVariable), args...), temp: temp}
	p.Env = append(os.Environ(), "TMPDIR="+temp)
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	t.Cleanup(func() {
		if p.Process != nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
		_ = os.RemoveAll(temp)
	})
	return p
}

func (p *process) start(t *testing.T) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
}

// appears waits for a file.
func appears(t *testing.T, file string) {
	t.Helper()
	eventually(t, func(context.Context) error {
		_, err := os.Stat(file)
		return err
	})
}

// ends waits for the process and checks its exit code.
func (p *process) ends(t *testing.T, code int) {
	t.Helper()
	if err := p.Wait(); p.ProcessState == nil || p.ProcessState.ExitCode() != code {
		t.Errorf("exit code: want %d, got %v; stderr: %s", code, err, p.stderr.String())
	}
}

// leavesNothing checks that the process has removed its temporary files.
func (p *process) leavesNothing(t *testing.T) {
	t.Helper()
	if entries, err := os.ReadDir(p.temp); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func (p *process) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// says checks that the process has written one line with these words.
func (p *process) says(t *testing.T, words ...string) {
	t.Helper()
	got := p.stderr.String()
	for _, w := range words {
		if !strings.Contains(got, w) || strings.Count(got, "\n") != 1 {
			t.Errorf("stderr: want one line with %q, got %q", w, got)
		}
	}
}
