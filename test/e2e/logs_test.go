package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// The last line of each container of TestLogsFollow.
const (
	initEnd = "work done"
	mainEnd = "INFO:     Application startup complete."
)

// TestLogsFollow follows the logs of a pod, deletes the pod, and expects the logs of the pod
// that replaces it, with its init container, until Ctrl-C.
func TestLogsFollow(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password), apiSecret("API_KEY", apiKey))
	l.succeeds(l.start("deploy", l.file("model.json", modelServer(image))), l.observe(nil))
	client := kubetest.Client(t)
	patch := fmt.Sprintf(`{"spec": {"template": {"spec": {"initContainers": [{"name": "prepare", "image": %q, "args": ["job"]}]}}}}`, image)
	if _, err := client.AppsV1().Deployments(l.namespace).Patch(t.Context(), "recipe-model", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	p := l.start("logs", "model", "-f")
	first := p.podWithLogs(t, "")
	if err := client.CoreV1().Pods(l.namespace).Delete(t.Context(), first, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	p.podWithLogs(t, first)
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if p.wait(l); p.code != 130 {
		t.Errorf("exit code %d", p.code)
	}
	lines := map[string]int{}
	for line := range strings.Lines(p.stdout()) {
		lines[line]++
	}
	for line, n := range lines {
		if n > 1 {
			t.Errorf("printed %d times: %s", n, line)
		}
	}
	if t.Failed() || testing.Verbose() {
		t.Logf("output:\n%s", p)
	}
}

// podWithLogs waits until the logs of both containers of a pod were printed, and returns its
// name. The pod is not one with the name other.
func (p *process) podWithLogs(t *testing.T, other string) string {
	t.Helper()
	for limit := time.Now().Add(patience); time.Now().Before(limit); time.Sleep(50 * time.Millisecond) {
		text := p.stdout()
		for line := range strings.Lines(text) {
			prefix, found := strings.CutSuffix(strings.TrimSpace(line), "/prepare] "+initEnd)
			if found && prefix != "[pod/"+other && strings.Contains(text, prefix+"/main] "+mainEnd) {
				return strings.TrimPrefix(prefix, "[pod/")
			}
		}
	}
	t.Fatalf("no logs of a new pod:\n%s", p)
	return ""
}
