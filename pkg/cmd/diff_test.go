package cmd_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// service is a recipe whose image has the tag.
func service(tag string) string {
	return fmt.Sprintf(`{"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "a:%s", "recipe_container_port": 80}`, tag)
}

// TestDiffExitCodes are those of kubectl diff, of the real process.
func TestDiffExitCodes(t *testing.T) {
	t.Parallel()
	p := plugin.NewSandbox(t)
	one, two := p.Write("one.json", service("1")), p.Write("two.json", service("2"))
	p.Deploy(one)
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{one}}, {0, []string{one, "-o", "json"}}, {0, []string{"--help"}},
		{1, []string{two}}, {1, []string{two, "-o", "json"}}, {1, []string{two, "-o", "yaml"}}, {1, []string{two, "-o", "markdown"}}, {0, []string{one, "-o", "markdown"}},
		{2, []string{}}, {2, []string{one, two}}, {2, []string{one, "--no-such-flag"}}, {2, []string{one, "-o", "xml"}},
		{2, []string{p.Dir + "/none.json"}}, {2, []string{p.Write("bad.json", "{")}},
		{2, []string{one, "--as=nobody"}}, {2, []string{one, "-n", "no-such-namespace"}},
		{2, []string{one, "--server=https://127.0.0.1:1"}},
	} {
		code, stdout, stderr := p.Run(append([]string{"diff"}, c.args...)...)
		if code != c.code {
			t.Errorf("diff %v: code %d, want %d\n%s%s", c.args, code, c.code, stdout, stderr)
		}
		if said := strings.Contains(stderr, "error: "); said != (c.code == 2) {
			t.Errorf("diff %v: code %d, and it says\n%s", c.args, code, stderr)
		}
	}
}

// TestDiffAfterDeployIsEmpty deploys every sample recipe: what the objects
// become is what the recipe has, to the last byte, however servers default it.
func TestDiffAfterDeployIsEmpty(t *testing.T) {
	t.Parallel()
	kubetest.CustomResources(t)
	files, err := filepath.Glob("../../testdata/recipes/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no recipes", err)
	}
	for _, file := range files {
		if strings.HasPrefix(filepath.Base(file), "team") { // whose objects have no namespace of their own
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			at := "--kubeconfig=" + plugin.NewSandbox(t).Kubeconfig
			if code, _, stderr := plugin.Run("", "diff", file, at); code != 1 {
				t.Errorf("before: code %d\n%s", code, stderr)
			}
			if code, _, stderr := plugin.Run("", "deploy", file, at, "--wait=false", "--preflight=off"); code != 0 {
				t.Errorf("deploy: code %d\n%s", code, stderr)
			}
			if code, stdout, stderr := plugin.Run("", "diff", file, at); code != 0 || stdout != "" {
				t.Errorf("after: code %d\n%s\n%s", code, stdout, stderr)
			}
			if code, _, stderr := plugin.Run("", "undeploy", file, at); code != 0 {
				t.Errorf("undeploy: code %d\n%s", code, stderr)
			}
		})
	}
}
