package system_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestInterruptBeginsNoMoreMembers interrupts the deploy of a group whose members
// don't all have their turn at once, and one of which needs another.
func TestInterruptBeginsNoMoreMembers(t *testing.T) {
	t.Parallel()
	const side = 100
	var members []string
	member := func(i int, more string) string {
		return fmt.Sprintf(`{"name": "m%d", %s "recipe": {"recipe_mode": "service", "deployment_name": "m%[1]d", "recipe_image_uri": "i", "recipe_container_port": 80, "recipe_nvidia_gpu_count": 99}}`, i, more)
	}
	for i := range side {
		members = append(members, member(i, ""))
	}
	members = append(members, member(side, `"depends_on": ["m0"],`))
	dir, namespace := t.TempDir(), kubetest.Namespace(t)
	kubeconfig, file := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "group.json")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(`{"deployment_group": {"name": "g", "deployments": [`+strings.Join(members, ",")+`]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	process := exec.Command("kubectl-blueprint", "deploy", file, "--preflight=off", "--kubeconfig", kubeconfig)
	stderr, err := process.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	for lines, sent := bufio.NewScanner(stderr), false; lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "installed in namespace") && !sent {
			sent = true
			if err := process.Process.Signal(syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := process.Wait(); err == nil {
		t.Error("exit code 0")
	}
	found, err := kubetest.Client(t).AppsV1().Deployments(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(found.Items); n == 0 || n >= side || strings.Count(said.String(), ": not begun: ")+n != side {
		t.Errorf("%d of %d members are there\n%.3000s", n, side, said.String())
	}
	if !strings.Contains(said.String(), fmt.Sprintf("not deployed, as those before them are not ready: recipe-m%d\n", side)) {
		t.Errorf("not told of the one that needs another:\n%.3000s", said.String())
	}
}

// TestInterruptedAtomicDeploy leaves what is there, and says how to go on: an
// interrupt is no failure of a workload.
func TestInterruptedAtomicDeploy(t *testing.T) {
	t.Parallel()
	p := plugin.NewSandbox(t)
	const never = `{"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "a:%d", "recipe_container_port": 80, "recipe_nvidia_gpu_count": 99}`
	for revision, way := range []string{"undeploy", "rollback"} {
		file := p.Write("never.json", fmt.Sprintf(never, revision))
		process := exec.Command("kubectl-blueprint", "deploy", file, "--atomic", "--preflight=off")
		process.Env = append(os.Environ(), "KUBECONFIG="+p.Kubeconfig)
		stderr, err := process.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		var said bytes.Buffer
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "Unschedulable: ") && !strings.Contains(lines.Text(), "cause: ") {
				_ = process.Process.Signal(syscall.SIGINT)
			}
		}
		if err := process.Wait(); err == nil {
			t.Error("exit code 0")
		}
		for _, line := range []string{
			"  next:   kubectl blueprint status -n " + p.Namespace + " recipe-a",
			fmt.Sprintf("release recipe-a, revision %d: left as it is, since the deploy was interrupted: kubectl blueprint %s -n %s recipe-a", revision+1, way, p.Namespace),
			"error: recipe-a is not ready: interrupted",
		} {
			if !strings.Contains(said.String(), line+"\n") {
				t.Errorf("no %q in\n%s", line, said.String())
			}
		}
	}
	if _, stdout, _ := p.Run("history", "a", "-o", "json"); strings.Count(stdout, `"revision":`) != 2 {
		t.Errorf("the history is\n%s", stdout)
	}
}
