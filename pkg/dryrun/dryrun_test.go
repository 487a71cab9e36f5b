package dryrun_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

func dryRun(t *testing.T, namespace string, objects []*unstructured.Unstructured) ([]dryrun.Outcome, error) {
	t.Helper()
	client, mapper := kubetest.Dynamic(t)
	return dryrun.Run(t.Context(), client, mapper, dryrun.Release{Name: "r", Namespace: namespace, Objects: objects})
}

// TestTestdataPassesTheServersDryRun sends the objects of every sample recipe.
func TestTestdataPassesTheServersDryRun(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob("../../testdata/recipes/*.json")
	if len(files) == 0 {
		t.Fatal("no recipes in testdata")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		values := map[string]any{}
		if err := json.Unmarshal(text, &values); err != nil {
			t.Fatal(err)
		}
		manifests, err := chart.Render(values)
		if err != nil {
			t.Fatal(err)
		}
		objects, err := manifests.Objects()
		if err != nil {
			t.Fatal(err)
		}
		outcomes, err := dryRun(t, namespace, objects)
		if err != nil || len(outcomes) != len(objects) {
			t.Errorf("%s: %d of %d objects taken: %v", file, len(outcomes), len(objects), err)
		}
	}
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestDryRunTellsEveryRefusal(t *testing.T) {
	t.Parallel()
	good := object(t, `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "good"}}`)
	badName := object(t, `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "Bad"}}`)
	badField := object(t, `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "field"}, "dada": {}}`)
	noKind := object(t, `{"apiVersion": "example.com/v1", "kind": "Nothing", "metadata": {"name": "x"}}`)
	_, err := dryRun(t, kubetest.Namespace(t), []*unstructured.Unstructured{good, badName, badField, noKind})
	if err == nil {
		t.Fatal("no refusal")
	}
	for _, want := range []string{"configmap/Bad: ", `configmap/field: `, `unknown field "dada"`, "nothing.example.com/x: no matches for kind"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in\n%v", want, err)
		}
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	o := object(t, `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}`)
	for range 2 {
		outcomes, err := dryRun(t, namespace, []*unstructured.Unstructured{o})
		if err != nil || len(outcomes) != 1 || outcomes[0].Object != "configmap/a" || outcomes[0].Verb != dryrun.Created {
			t.Fatalf("got %v, %v", outcomes, err)
		}
	}
}
