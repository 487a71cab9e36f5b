package render_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

func TestEmbeddedChartIsTheOneInTheDirectory(t *testing.T) {
	t.Parallel()
	directory, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files(directory), files(loadChart(t).Helm())); diff != "" {
		t.Errorf("files differ (-directory +embedded):\n%s", diff)
	}
}

func TestLoadLeavesOutWhatHelmignoreNames(t *testing.T) {
	t.Parallel()
	c, err := render.Load(fstest.MapFS{
		"Chart.yaml":            {Data: []byte("apiVersion: v2\nname: x\nversion: 1.0.0\n")},
		".helmignore":           {Data: []byte("tests/\n*.bak\n")},
		"templates/a.yaml":      {Data: []byte("a: b\n")},
		"templates/a.yaml.bak":  {Data: []byte("a: b\n")},
		"templates/.hidden":     {Data: []byte("a: b\n")},
		"templates/_helper.tpl": {Data: []byte("x")},
		"tests/recipe.json":     {Data: []byte("{}")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\n", ".helmignore": "tests/\n*.bak\n",
		"templates/a.yaml": "a: b\n", "templates/_helper.tpl": "x",
	}
	if diff := cmp.Diff(want, files(c.Helm())); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
}

func TestLoadTellsWhatIsWrongWithAChart(t *testing.T) {
	t.Parallel()
	for want, fsys := range map[string]fs.FS{
		"Chart.yaml file is missing": fstest.MapFS{"values.yaml": {}},
		"cannot load values.yaml": fstest.MapFS{
			"Chart.yaml":  {Data: []byte("apiVersion: v2\nname: x\nversion: 1.0.0\n")},
			"values.yaml": {Data: []byte("a: [")},
		},
		"parse .helmignore": fstest.MapFS{".helmignore": {Data: []byte("a/**/b\n")}},
	} {
		_, err := render.Load(fsys)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error about %q, got %v", want, err)
		}
	}
}

func TestHelmGivesAChartOfItsOwn(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	mine := c.Helm()
	mine.Metadata.Name = "changed"
	mine.Values = map[string]any{"changed": true}
	mine.Templates = nil
	mine.Schema = nil
	c.Schema()[0] = 'x'
	want := loadChart(t)
	if diff := cmp.Diff(want.Helm().Metadata, c.Helm().Metadata); diff != "" {
		t.Errorf("metadata changed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Helm().Values, c.Helm().Values); diff != "" {
		t.Errorf("values changed (-want +got):\n%s", diff)
	}
	if string(c.Schema()) != string(want.Schema()) || len(c.Helm().Templates) == 0 {
		t.Error("schema or templates changed")
	}
}

func TestEmbeddedFilesStartAtTheChart(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Chart.yaml", "values.schema.json", ".helmignore", "templates/_names.tpl"} {
		if _, err := fs.Stat(charts.Blueprint(), name); err != nil {
			t.Error(err)
		}
	}
}

// files are the names and contents of a chart's files.
func files(c *chart.Chart) map[string]string {
	contents := map[string]string{}
	for _, file := range c.Raw {
		contents[file.Name] = string(file.Data)
	}
	return contents
}
