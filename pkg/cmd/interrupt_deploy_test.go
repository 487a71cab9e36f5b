package cmd_test

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
	if err := writeKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
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
