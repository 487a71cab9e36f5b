package system_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
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

// TestInterruptedBatch interrupts a large batch in the middle, compares the result
// of each operation with the Secrets that exist, and completes the batch with a
// second run.
func TestInterruptedBatch(t *testing.T) {
	t.Parallel()
	const total = 3000
	s := plugin.NewSandbox(t)
	var ops []string
	for i := range total {
		ops = append(ops, fmt.Sprintf(`{"name": "s%d", "action": "apply", "type": "opaque", "data": {"k": "v"}}`, i))
	}
	payload := s.Write("payload.json", "["+strings.Join(ops, ",")+"]")
	var stdout, stderr strings.Builder
	process := s.Command("secrets", "apply", "-f", payload, "-o", "json")
	process.Stdout, process.Stderr = &stdout, &stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	client := kubetest.Client(t).CoreV1().Secrets(s.Namespace)
	for len(namesIn(t, client, 1)) == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := process.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err == nil || !strings.Contains(stderr.String(), "operations not attempted\nhint: run the same command again to complete the batch") {
		t.Errorf("after the interrupt: %v\n%.1000s", err, stderr.String())
	}
	var report secrets.Report
	if err := json.Unmarshal([]byte(stdout.String()), &report); err != nil || len(report.Results) != total {
		t.Fatalf("%d results: %v", len(report.Results), err)
	}
	existing, counts := namesIn(t, client, 0), map[secrets.Status]int{}
	for _, r := range report.Results {
		counts[r.Status]++
		if existing[r.Name] != (r.Status == secrets.StatusSuccess) {
			t.Errorf("result is %+v, Secret exists: %t", r, existing[r.Name])
		}
	}
	if counts[secrets.StatusSuccess] == 0 || counts[secrets.StatusNotAttempted] == 0 || counts[secrets.StatusError] != 0 {
		t.Errorf("statuses are %v", counts)
	}
	if code, _, stderr := s.Run("secrets", "apply", "-f", payload); code != 0 || len(namesIn(t, client, 0)) != total {
		t.Errorf("second run: code %d, %d Secrets\n%.1000s", code, len(namesIn(t, client, 0)), stderr)
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

// endsSoon sends an interrupt to a process, which must end with an error within
// two seconds.
func endsSoon(t *testing.T, process *exec.Cmd) {
	t.Helper()
	if err := process.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatalf("it does not wait: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("exit code 0 after an interrupt")
		}
	case <-time.After(2 * time.Second):
		_ = process.Process.Kill()
		t.Error("an interrupt does not end it")
	}
}
