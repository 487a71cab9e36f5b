package cmd_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/docs"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// testReadme replays the session of the README and compares its output. With -update, it
// updates the README.
func testReadme(t *testing.T, cluster string) {
	const path = "../../README.md"
	page, err := docs.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, ".kubeconfig")
	if err := plugin.WriteKubeconfig(cluster, kubeconfig, "default"); err != nil {
		t.Fatal(err)
	}
	same := func(text string) string { return text }
	if err := page.WriteFiles(dir, same); err != nil {
		t.Fatal(err)
	}
	got := page.Replay(dir, []string{"KUBECONFIG=" + kubeconfig, "NGC_API_KEY=nvapi-0123456789"}, same)
	diff := cmp.Diff(docs.Steady(page.Console()), docs.Steady(got))
	switch {
	case diff == "":
	case *update:
		if err := os.WriteFile(path, []byte(page.With(got)), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the README is not what happens (-README +happens):\n%s", diff)
	}
}
