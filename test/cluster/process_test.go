package main

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestSIGTERMStopsCleanly(t *testing.T) {
	t.Parallel()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	p := newProcess(t, "-nodes=0", "-kubeconfig="+kubeconfig)
	p.start(t)
	appears(t, kubeconfig)
	if info, err := os.Stat(kubeconfig); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("kubeconfig: %v %v", info.Mode(), err)
	}
	nodes, err := newClient(t, kubeconfig).CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(nodes.Items) > 0 {
		t.Errorf("-nodes=0: %v %v", nodes, err)
	}
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 0)
	p.leavesNothing(t)
	if _, err := os.Stat(kubeconfig); err == nil {
		t.Error("the kubeconfig is still there")
	}
	if out := p.stdout.String(); !strings.Contains(out, kubeconfig) || strings.Count(out, "\n") != 1 {
		t.Errorf("stdout: %q", out)
	}
}

func TestCommandGetsTheKubeconfigAndGivesItsExitCode(t *testing.T) {
	t.Parallel()
	p := newProcess(t, "-nodes=0", "--", "sh", "-c", `test -s "$KUBECONFIG" && echo "$KUBECONFIG" "$BLUEPRINT_TEST_CLUSTER"; cat; exit 7`)
	p.Stdin = strings.NewReader("input\n")
	p.start(t)
	p.ends(t, 7)
	p.leavesNothing(t)
	lines := strings.Fields(p.stdout.String())
	if len(lines) != 3 || lines[0] != lines[1] || lines[2] != "input" {
		t.Errorf("stdout: %q", p.stdout.String())
	}
}

func TestCommandGetsSignals(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready")
	p := newProcess(t, "-nodes=0", "--", "sh", "-c", `trap 'exit 42' TERM; sleep 1000 & echo $! > "$0.new"; mv "$0.new" "$0"; wait`, ready)
	p.start(t)
	appears(t, ready)
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 42)
	p.leavesNothing(t)
	gone(t, ready)
}

func TestCommandThatIgnoresSignalsIsKilled(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready")
	p := newProcess(t, "-nodes=0", "--", "sh", "-c", `trap '' TERM; echo $$ > "$0.new"; mv "$0.new" "$0"; while :; do sleep 1; done`, ready)
	p.start(t)
	appears(t, ready)
	p.signal(t, syscall.SIGTERM)
	p.ends(t, 128+int(syscall.SIGKILL))
	gone(t, ready)
}

// gone checks that the process whose id is in the file has ended.
func gone(t *testing.T, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	state, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err == nil && !strings.Contains(string(state), ") Z ") { // a zombie has ended too
		t.Errorf("process %d still runs", pid)
	}
}

func TestKilledClusterStartsAgain(t *testing.T) {
	t.Parallel()
	temp, err := os.MkdirTemp("", "t")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	dir := filepath.Join(temp, "state")
	kubeconfig := filepath.Join(dir, "kubeconfig")
	killed := newProcess(t, "-nodes=1", "-dir="+dir)
	killed.start(t)
	appears(t, kubeconfig)

	second := newProcess(t, "-dir="+dir)
	second.start(t)
	second.ends(t, 1)
	second.says(t, "in use by another cluster")

	killed.signal(t, syscall.SIGKILL)
	_ = killed.Wait()
	again := newProcess(t, "-nodes=1", "-dir="+dir, "--", "true")
	again.start(t)
	again.ends(t, 0)
}

func TestKubeletGetsItsFiles(t *testing.T) {
	t.Parallel()
	p := newProcess(t, "-nodes=0", "-kubelet=real-node", "-advertise=10.99.0.1", "--", "sh", "-c",
		`cd "$(dirname "$KUBECONFIG")" && ls kubelet.kubeconfig kube-proxy.kubeconfig pki/kubelet.crt pki/kubelet.key pki/ca.crt`)
	p.start(t)
	p.ends(t, 0)
}

func TestStartSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	own := t.TempDir()
	if err := os.WriteFile(filepath.Join(own, "config"), []byte("apiVersion: v1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"port":           {[]string{"-listen=127.0.0.1:99999"}, "invalid port"},
		"address":        {[]string{"-listen=192.0.2.1:0"}, "cannot assign requested address"},
		"directory":      {[]string{"-dir=/proc/cluster"}, "/proc/cluster"},
		"own directory":  {[]string{"-dir=" + own}, "neither empty nor from an earlier run"},
		"own kubeconfig": {[]string{"-kubeconfig=" + filepath.Join(own, "config")}, "is not from an earlier run"},
		"log":            {[]string{"-log=/proc/log"}, "/proc/log"},
		"long directory": {[]string{"-dir=" + filepath.Join(t.TempDir(), strings.Repeat("x", 100))}, "use a shorter directory"},
		"component flag": {[]string{"-scheduler-flag=--no-such-flag"}, "kube-scheduler: unknown flag: --no-such-flag"},
		"command":        {[]string{"-nodes=0", "no-such-command"}, "no-such-command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProcess(t, c.args...)
			p.start(t)
			p.ends(t, 1)
			p.says(t, c.want)
			p.leavesNothing(t)
		})
	}
}
