package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestReadme runs the two files that the README shows and holds the output
// beside them to what the commands print.
func TestReadme(t *testing.T) {
	t.Setenv("NGC_API_KEY", "nvapi-0123456789")
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d JSON files in the README, want 2", len(blocks))
	}
	dir := t.TempDir()
	kubeconfig, payload, recipe := filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "payload.json"), filepath.Join(dir, "nim.json")
	for file, content := range map[string]string{payload: blocks[0][1], recipe: blocks[1][1]} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, kubetest.Namespace(t)); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := plugin.Run("", "secrets", "apply", "-f", payload, "--kubeconfig", kubeconfig)
	if code != 0 || !strings.Contains(string(text), stdout) {
		t.Errorf("code %d, the README does not show\n%s%s", code, stdout, stderr)
	}
	code, stdout, stderr = plugin.Run("", "deploy", recipe, "--timeout=60s", "--kubeconfig", kubeconfig)
	if code != 0 {
		t.Fatalf("code %d\n%s", code, stderr)
	}
	names := regexp.MustCompile(`nim-[0-9a-f]+-\w+|gpu-node-\d|test-\w+`)
	shown := names.ReplaceAllString(string(text), "…")
	for line := range strings.Lines(stderr + stdout) {
		if line = names.ReplaceAllString(line, "…"); !strings.HasPrefix(line, "release ") && !strings.HasPrefix(line, "  ") && !strings.HasSuffix(line, ": ready\n") && !strings.HasSuffix(line, " deployed\n") && !strings.HasPrefix(line, "In the cluster:") {
			continue // which steps between are seen is up to the cluster
		}
		if line = strings.NewReplacer("namespace …", "namespace default", "nim.….svc", "nim.default.svc").Replace(line); !strings.Contains(shown, line) {
			t.Errorf("the README does not show %q", line)
		}
	}
}
