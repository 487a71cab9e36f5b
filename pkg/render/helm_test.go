package render_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/cli"
	"helm.sh/helm/v3/pkg/cli/values"
	"helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/lint/support"
	"helm.sh/helm/v3/pkg/release"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// kubeVersion is given by hand because helm as a library, unlike the helm
// binary, takes Kubernetes for 1.20 when it has no cluster to ask.
func kubeVersion(t testing.TB) *chartutil.KubeVersion {
	t.Helper()
	version, err := chartutil.ParseKubeVersion("v1.29.0")
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func TestRenderEqualsHelmTemplate(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	compared := 0
	for _, file := range append(recipeFiles(t), corpus.Files(t, "recipes")...) {
		recipe, ok := acceptable(t, c, file)
		if !ok {
			continue
		}
		compared++
		files := []string{clusterFile, file}
		if readRecipe(t, file)["cluster"] != nil {
			files = []string{file}
		}
		want := helmTemplate(t, files...)
		if diff := cmp.Diff(want, mustRender(t, c, recipe).String()); diff != "" {
			t.Errorf("%s: helm template and Render differ (-helm +ours):\n%s", filepath.Base(file), diff)
		}
	}
	t.Logf("%d recipes compared", compared)
}

// helmTemplate does what "helm template NAME charts/blueprint -f FILE..." does.
func helmTemplate(t *testing.T, files ...string) string {
	t.Helper()
	options := values.Options{ValueFiles: files}
	recipe, err := options.MergeValues(getter.All(cli.New()))
	if err != nil {
		t.Fatal(err)
	}
	made, err := helmInstall(t, recipe)
	if err != nil {
		t.Fatalf("%s: %v", files, err)
	}
	if len(made.Hooks) != 0 {
		t.Errorf("%s: %d hooks, which Render leaves out", files, len(made.Hooks))
	}
	return strings.TrimSpace(made.Manifest) + "\n"
}

// helmInstall does what "helm install --dry-run=client" does.
func helmInstall(t *testing.T, recipe map[string]any) (*release.Release, error) {
	t.Helper()
	chart, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	install := action.NewInstall(&action.Configuration{})
	install.DryRun = true
	install.DryRunOption = "client"
	install.ClientOnly = true
	install.Replace = true
	install.IncludeCRDs = true
	install.ReleaseName = "release-name"
	install.Namespace = "elsewhere"
	install.KubeVersion = kubeVersion(t)
	return install.Run(chart, recipe)
}

func TestHelmLintsTheChartWithEveryRecipe(t *testing.T) {
	t.Parallel()
	for _, file := range recipeFiles(t) {
		lint := action.NewLint()
		lint.Strict = true
		lint.KubeVersion = kubeVersion(t)
		result := lint.Run([]string{chartDir}, readRecipe(t, file))
		for _, message := range result.Messages {
			if message.Severity > support.InfoSev {
				t.Errorf("%s: %v", filepath.Base(file), message)
			}
		}
		if len(result.Errors) != 0 {
			t.Errorf("%s: %v", filepath.Base(file), result.Errors)
		}
	}
}

func TestChartRefusesKubernetesOlderThanItsFields(t *testing.T) {
	t.Parallel()
	want := loadChart(t).Helm().Metadata.KubeVersion
	for version, ok := range map[string]bool{"v1.28.15": false, "v1.29.0": true, "v1.37.2-gke.100": true} {
		if chartutil.IsCompatibleRange(want, version) != ok {
			t.Errorf("%s with %s: want %t", want, version, ok)
		}
	}
}
