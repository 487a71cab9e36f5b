package system_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestInterrupt sends the process of a large batch an interrupt in the middle,
// compares what it says of each operation with what is there, and has a second
// run finish the job.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	const total = 3000
	dir, namespace := t.TempDir(), kubetest.Namespace(t)
	kubeconfig, payload := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "payload.json")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	var ops []string
	for i := range total {
		ops = append(ops, fmt.Sprintf(`{"name": "s%d", "action": "apply", "type": "opaque", "data": {"k": "v"}}`, i))
	}
	text := "[" + strings.Join(ops, ",") + "]"
	if err := os.WriteFile(payload, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	process := exec.Command("kubectl-blueprint", "secrets", "apply", "-f", payload, "-o", "json", "--kubeconfig", kubeconfig)
	process.Stdout, process.Stderr = &stdout, &stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	client := kubetest.Client(t).CoreV1().Secrets(namespace)
	for len(namesIn(t, client, 1)) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := process.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err == nil || !strings.Contains(stderr.String(), "operations not attempted\nhint: run the same command again to complete the batch") {
		t.Errorf("after the interrupt: %v, and it says\n%.1000s", err, stderr.String())
	}
	var report secrets.Report
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil || len(report.Results) != total {
		t.Fatalf("%d results: %v", len(report.Results), err)
	}
	there, counts := namesIn(t, client, 0), map[secrets.Status]int{}
	for _, r := range report.Results {
		counts[r.Status]++
		if there[r.Name] != (r.Status == secrets.StatusSuccess) {
			t.Errorf("result is %+v, Secret is there: %t", r, there[r.Name])
		}
	}
	if counts[secrets.StatusSuccess] == 0 || counts[secrets.StatusNotAttempted] == 0 || counts[secrets.StatusError] != 0 {
		t.Errorf("statuses are %v", counts)
	}
	if code, _, said := plugin.Run(text, "secrets", "apply", "-f", "-", "--kubeconfig", kubeconfig); code != 0 || len(namesIn(t, client, 0)) != total {
		t.Errorf("second run: code %d, %d Secrets\n%.1000s", code, len(namesIn(t, client, 0)), said)
	}
}

func namesIn(t *testing.T, client corev1client.SecretInterface, limit int64) map[string]bool {
	t.Helper()
	found, err := client.List(t.Context(), metav1.ListOptions{Limit: limit})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, s := range found.Items {
		names[s.Name] = true
	}
	return names
}

// TestInterruptWhileReading has nothing on standard input, and nobody to type.
func TestInterruptWhileReading(t *testing.T) {
	t.Parallel()
	silent, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer hold.Close()
	process := exec.Command("kubectl-blueprint", "secrets", "apply", "-f", "-")
	var stderr bytes.Buffer
	process.Stdin, process.Stderr = silent, &stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := hold.Write(make([]byte, 1<<17)); err != nil { // more than a pipe holds: it returns when the process reads
		t.Fatal(err)
	}
	if err := process.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err == nil || !strings.Contains(stderr.String(), "error: reading -: interrupted") {
		t.Errorf("%v\n%s", err, stderr.String())
	}
}
