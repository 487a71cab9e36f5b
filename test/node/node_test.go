package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// programs is the directory of cluster, node, kubectl and what these need.
const programs = "BLUEPRINT_NODE_BIN"

// testPatience bounds every wait. It is far more than a wait takes, so that a busy
// machine fails no test.
const testPatience = 2 * time.Minute

// aPod runs in the one image that the node has, and ignores that it should end.
const aPod = `apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  terminationGracePeriodSeconds: 600
  containers: [{name: c, image: "` + pauseImage + `", imagePullPolicy: Never}]
`

// The ends of a COMMAND: one that ends by itself, and one that a signal ends.
// The shell is gone by then, for it may miss a signal between two programs.
const (
	ended  = `mv "$0.new" "$0"; `
	sleeps = `(sleep 1; mv "$0.new" "$0") & exec sleep 1000`
)

// withPod is the beginning of a COMMAND: a pod runs, and the node's directory is
// in a file that is yet to be moved in place.
func withPod(kubectl string) string {
	return fmt.Sprintf(`set -e
printf '%%s' '%s' | %[2]s create -f - >/dev/null
%[2]s wait --for=condition=Ready pod/p --timeout=60s >/dev/null
printf '%%s' "$BLUEPRINT_TEST_NODE" > "$0.new"
`, aPod, kubectl)
}

// TestNothingIsLeft starts a node in each of three ways to end it. They can't be
// side by side: a machine holds one node.
func TestNothingIsLeft(t *testing.T) {
	bin := os.Getenv(programs)
	if bin == "" {
		t.Skip("it takes root and a machine that can hold a node: run `make e2e`")
	}
	before := settings(t)
	for name, c := range map[string]struct {
		then string // after the beginning
		do   func(*testing.T, *exec.Cmd, string)
		code int
	}{
		"end":       {ended + "exit 7", nil, 7},
		"interrupt": {sleeps, func(t *testing.T, cmd *exec.Cmd, _ string) { kill(t, cmd.Process.Pid, syscall.SIGINT) }, 128 + 2},
		"crash":     {sleeps, func(t *testing.T, _ *exec.Cmd, dir string) { kill(t, processOf(t, dir), syscall.SIGKILL) }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			cmd, ready := startNode(t, bin, c.then)
			dir := waitFor(t, ready)
			if c.do != nil {
				c.do(t, cmd, dir)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != c.code {
				t.Errorf("exit code %d, want %d", got, c.code)
			}
			nothingOf(t, dir)
			if after := settings(t); after != before {
				t.Errorf("the kernel's settings were %s and are %s", before, after)
			}
		})
	}
}

// TestKilledNodeIsSwept kills the program itself, and starts another.
func TestKilledNodeIsSwept(t *testing.T) {
	bin := os.Getenv(programs)
	if bin == "" {
		t.Skip("it takes root and a machine that can hold a node: run `make e2e`")
	}
	killed, ready := startNode(t, bin, ended+"kill -9 $PPID")
	dir := waitFor(t, ready)
	_ = killed.Wait()
	next, ready := startNode(t, bin, ended+"exit 0")
	other := waitFor(t, ready)
	if err := next.Wait(); err != nil {
		t.Error(err)
	}
	nothingOf(t, dir)
	nothingOf(t, other)
}

// startNode runs a shell on a node of a new cluster. The file that it returns
// appears once a pod runs there.
func startNode(t *testing.T, bin, then string) (cmd *exec.Cmd, ready string) {
	t.Helper()
	ready = filepath.Join(t.TempDir(), "ready")
	cmd = exec.Command(filepath.Join(bin, "cluster"), "-nodes=0", "-kubelet="+nodeName, "--",
		filepath.Join(bin, "node"), "-bin="+bin, "--", "sh", "-c", withPod(filepath.Join(bin, "kubectl"))+then, ready)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, ready
}

// waitFor returns the content of a file that is to come.
func waitFor(t *testing.T, file string) string {
	t.Helper()
	for limit := time.Now().Add(testPatience); time.Now().Before(limit); time.Sleep(20 * time.Millisecond) {
		if content, err := os.ReadFile(file); err == nil {
			return string(content)
		}
	}
	t.Fatal("no pod runs on the node")
	return ""
}

func kill(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

// processOf finds the kubelet of a node.
func processOf(t *testing.T, dir string) int {
	t.Helper()
	for pid, line := range commandLines(t) {
		if strings.HasPrefix(line, filepath.Join(dir, "kubelet")+" ") {
			return pid
		}
	}
	t.Fatal("no process is the kubelet")
	return 0
}

func commandLines(t *testing.T) map[int]string {
	t.Helper()
	names, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[int]string{}
	for _, name := range names {
		var pid int
		if _, err := fmt.Sscanf(name, "/proc/%d/", &pid); err != nil {
			t.Fatal(err)
		}
		content, _ := os.ReadFile(name) // it may have ended
		lines[pid] = strings.ReplaceAll(string(content), "\x00", " ")
	}
	return lines
}

// nothingOf checks that a node has left nothing, while no other node is here.
func nothingOf(t *testing.T, dir string) {
	t.Helper()
	lock, err := lockMachine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	for pid, line := range commandLines(t) {
		if strings.Contains(line, dir) {
			t.Errorf("process %d is left: %s", pid, line)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Errorf("%s is left", dir)
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(mounts), dir) {
		t.Errorf("mounts are left: %v", err)
	}
	for _, link := range []string{addressLink, podLink} {
		if _, err := net.InterfaceByName(link); err == nil {
			t.Errorf("the link %s is left", link)
		}
	}
	groups, err := filepath.Glob("/sys/fs/cgroup/*/kubepods")
	if err != nil || len(groups) > 0 {
		t.Errorf("control groups are left: %v %v", groups, err)
	}
}

// settings are those that a kubelet changes where it may.
func settings(t *testing.T) string {
	t.Helper()
	var all []string
	for _, name := range coveredSettings {
		value, err := os.ReadFile(filepath.Join("/proc/sys", name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name+"="+strings.TrimSpace(string(value)))
	}
	return strings.Join(all, " ")
}
