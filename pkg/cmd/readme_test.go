package cmd_test

import (
	"path/filepath"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/docs"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// testReadme replays the session of the README and compares its output. With -update, it
// updates the README.
func testReadme(t *testing.T, cluster string) {
	docs.Verify(t, "../../README.md", *update, func(page docs.Page) string {
		dir := t.TempDir()
		kubeconfig := filepath.Join(dir, ".kubeconfig")
		if err := plugin.WriteKubeconfig(cluster, kubeconfig, "default"); err != nil {
			t.Fatal(err)
		}
		same := func(text string) string { return text }
		if err := page.WriteFiles(dir, same); err != nil {
			t.Fatal(err)
		}
		return page.Replay(dir, []string{"KUBECONFIG=" + kubeconfig, "NGC_API_KEY=nvapi-0123456789"}, same)
	})
}
