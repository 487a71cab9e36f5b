package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// The chart that is exported gives with the values of each member, as helm
// reads them, the bytes that render prints for the group.
func TestExportedChartRendersTheSame(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	const group = "../../testdata/groups/shop.json"
	rendered := func(args ...string) string {
		process := exec.Command("kubectl-blueprint", append([]string{"render", group, "--set", "cluster.storageClass=fast"}, args...)...)
		process.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(t.TempDir(), "none"))
		out, err := process.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if out := rendered("-o", "helm", "--output-dir", dir); out != "" {
		t.Errorf("printed %s", out)
	}
	chart, err := render.Load(os.DirFS(filepath.Join(dir, "blueprint")))
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, name := range []string{"db", "api", "import", "web"} {
		file := filepath.Join(dir, "recipe-shop-"+name+".values.json")
		values, err := chartutil.ReadValuesFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := chartutil.ValidateAgainstSchema(chart.Helm(), values); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		made, err := chart.Render(values)
		if err != nil {
			t.Fatal(err)
		}
		got.Write(made.YAML())
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s may hold credentials, and is readable as %v", file, info.Mode())
		}
	}
	if diff := cmp.Diff(rendered(), got.String()); diff != "" {
		t.Errorf("(-render +exported chart):\n%s", diff)
	}
}
