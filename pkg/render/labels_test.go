package render_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

const (
	nameLabel  = "app.kubernetes.io/name"
	chartLabel = "helm.sh/chart"
)

// chartWithVersion returns the chart as a release with the given version has it.
func chartWithVersion(t *testing.T, version string) *render.Chart {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(charts.Blueprint(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(charts.Blueprint(), name)
		if name == "Chart.yaml" {
			current := loadChart(t).Helm().Metadata.Version
			data = []byte(strings.ReplaceAll(string(data), "ersion: "+current+"\n", "ersion: "+version+"\n"))
		}
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := render.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A selector is immutable, a changed pod template restarts pods, and a Job is
// named after its template: none of them may change with the chart's version.
func TestChartVersionChangesOnlyLabelsOfObjects(t *testing.T) {
	t.Parallel()
	c, next := loadChart(t), chartWithVersion(t, "9.8.7+build")
	for _, file := range recipeFiles(t) {
		recipe := readRecipe(t, file)
		before, after := decoded(t, mustRender(t, c, recipe)), decoded(t, mustRender(t, next, recipe))
		if len(before) != len(after) {
			t.Fatalf("%s: %d objects became %d", file, len(before), len(after))
		}
		for i, object := range after {
			labels := object.GetLabels()
			want := map[string]string{chartLabel: "blueprint-9.8.7_build", "app.kubernetes.io/version": "9.8.7_build", "app.kubernetes.io/managed-by": "Helm"}
			for key, value := range want {
				if labels[key] != value {
					t.Errorf("%s: %s: label %s: want %q, got %q", file, object.GetKind(), key, value, labels[key])
				}
			}
			object.SetLabels(before[i].GetLabels())
			if diff := cmp.Diff(before[i].Object, object.Object); diff != "" {
				t.Errorf("%s: the version changes more than labels (-before +after):\n%s", file, diff)
			}
		}
	}
}

func TestPodsAreSelectedByTheNameOfTheirDeployment(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	for name, want := range map[string]string{
		"nim":                   "nim",
		"recipe-nim":            "recipe-nim",
		"405":                   "405", // a number in YAML unless it is quoted
		"My Model_1":            "my-model1",
		strings.Repeat("a", 70): strings.Repeat("a", 37) + "-6bd5e503",
	} {
		recipe := parse(t, `{"recipe_mode": "service", "recipe_image_uri": "x", "recipe_container_port": 80}`)
		recipe["deployment_name"] = name
		selector := map[string]string{nameLabel: want, ownership.InstanceLabel: "recipe-" + want}
		if errs := validation.IsValidLabelValue(want); len(errs) > 0 {
			t.Errorf("%s: %v", want, errs)
		}
		for _, object := range decoded(t, mustRender(t, c, recipe)) {
			fields := map[string][]string{
				"Service": {"spec", "selector"}, "Deployment": {"spec", "selector", "matchLabels"},
			}[object.GetKind()]
			got, _, err := unstructured.NestedStringMap(object.Object, fields...)
			if diff := cmp.Diff(selector, got); diff != "" || err != nil {
				t.Errorf("%s of %s: %v (-want +got):\n%s", object.GetKind(), name, err, diff)
			}
			if object.GetKind() != "Deployment" {
				continue
			}
			pods, _, err := unstructured.NestedStringMap(object.Object, "spec", "template", "metadata", "labels")
			if diff := cmp.Diff(selector, pods); diff != "" || err != nil {
				t.Errorf("pods of %s: %v (-want +got):\n%s", name, err, diff)
			}
		}
	}
}

func decoded(t *testing.T, m render.Manifests) []*unstructured.Unstructured {
	t.Helper()
	objects, err := m.Objects()
	if err != nil {
		t.Fatal(err)
	}
	return objects
}
