package cmd_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/docs"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// docsRegistry is the name of the registry of the tests in the pages.
const docsRegistry = "registry.example.com"

// TestDocs replays the sessions of the pages and compares their output. With -update, it
// updates the pages.
func TestDocs(t *testing.T) {
	t.Parallel()
	plugin.Require(t, "curl")
	for _, name := range []string{"secrets.md", "deploy.md", "workflows/private-registry.md", "workflows/finetuning-job.md", "workflows/group.md", "gitops.md"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			docs.Verify(t, filepath.Join("../../docs", name), *update, func(page docs.Page) string { return replayPage(t, page) })
		})
	}
}

// replayPage replays a page in a namespace, with a registry.
func replayPage(t *testing.T, page docs.Page) string {
	t.Helper()
	dir, namespace, registry := t.TempDir(), kubetest.Namespace(t), plugin.NewRegistry(t)
	kubeconfig := filepath.Join(dir, ".kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	err := page.WriteFiles(dir, func(content string) string {
		if strings.Contains(string(page), docsRegistry+"/team") { // the page pulls from it
			return strings.ReplaceAll(content, docsRegistry, registry)
		}
		return content
	})
	if err != nil {
		t.Fatal(err)
	}
	same := func(command string) string { return command }
	out := page.Replay(dir, []string{"KUBECONFIG=" + kubeconfig}, same)
	return strings.NewReplacer(namespace, "default", registry, docsRegistry).Replace(out)
}
