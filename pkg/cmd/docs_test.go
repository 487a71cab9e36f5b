package cmd_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestDocsSecrets writes the files that docs/secrets.md shows and runs its
// commands in their order, in one shell, and compares what they print.
func TestDocsSecrets(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/secrets.md")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("curl"); err != nil && os.Getenv("CI") == "" {
		t.Skip("no curl to call the HTTP API with")
	}
	dir, namespace := t.TempDir(), kubetest.Namespace(t)
	kubeconfig := filepath.Join(dir, ".kubeconfig")
	if err := writeKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	for _, file := range regexp.MustCompile("(?s)```json (\\S+)\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		path := filepath.Join(dir, file[1])
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(file[2]), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, script := "", "exec 2>&1\ntrap 'kill $! 2>/dev/null' EXIT\n"
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		for line := range strings.Lines(block[1]) {
			want += line
			if command, ok := strings.CutPrefix(line, "$ "); ok {
				script += "cat <<'EOF'\n" + line + "EOF\n" + strings.ReplaceAll(command, "kubectl blueprint", "kubectl-blueprint")
			}
		}
	}
	shell := exec.Command("sh", "-c", script)
	shell.Dir, shell.Env = dir, append(os.Environ(), "KUBECONFIG="+kubeconfig)
	got, _ := shell.CombinedOutput() // the last command is one that fails
	plain := func(s string) string {
		s = strings.ReplaceAll(s, namespace, "default")
		return regexp.MustCompile(` +\d+(ms|s)\n`).ReplaceAllString(s, " AGE\n")
	}
	if diff := cmp.Diff(plain(want), plain(string(got))); diff != "" {
		t.Errorf("docs/secrets.md is not what happens (-docs +happens):\n%s", diff)
	}
}
