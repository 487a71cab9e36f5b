// Package conformance_test takes every sample recipe, those of testdata and the
// public ones where they are at hand, as far as a cluster without hardware can:
// a server-side dry run of each object, all its pods to Running, and the table
// docs/coverage.md of what becomes of each file.
package conformance_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// clusterFile has the values of a cluster that has all that recipes make use of.
const clusterFile = "../../testdata/cluster.yaml"

// sample is a file and what became of it: objects, or a refusal.
type sample struct {
	folder, name string // recipes/nim.json
	objects      []*unstructured.Unstructured
	warnings     []render.Violation
	refused      error
}

// samples are the files of testdata and of the corpus, those in a cluster that
// has everything and in one that has nothing, sorted by folder and name.
func samples(t *testing.T) []*sample {
	t.Helper()
	own, err := filepath.Glob("../../testdata/recipes/*.json")
	if err != nil || len(own) == 0 {
		t.Fatalf("want recipes in testdata, got %d (%v)", len(own), err)
	}
	all := append(read(t, "testdata", own, nil), publicSamples(t)...)
	return append(all, read(t, "bare", slices.Concat(corpus.Files("recipes"), corpus.Files("groups")), nil)...)
}

// publicSamples are those of the corpus, with the values of clusterFile.
func publicSamples(t *testing.T) []*sample {
	t.Helper()
	data, err := os.ReadFile(clusterFile)
	if err != nil {
		t.Fatal(err)
	}
	var values map[string]any
	if err := yaml.Unmarshal(data, &values); err != nil {
		t.Fatal(err)
	}
	return append(read(t, "recipes", corpus.Files("recipes"), values), read(t, "groups", corpus.Files("groups"), values)...)
}

// read renders files with the values of a cluster.
func read(t *testing.T, folder string, files []string, cluster map[string]any) []*sample {
	t.Helper()
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := recipe.CompileSchema(chart.Schema())
	if err != nil {
		t.Fatal(err)
	}
	var all []*sample
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := &sample{folder: folder, name: filepath.Base(file)}
		s.refused = s.render(chart, schema, data, cluster)
		all = append(all, s)
	}
	return all
}

// render does what the command render does, for each recipe of the file.
func (s *sample) render(chart *render.Chart, schema *recipe.Schema, data []byte, cluster map[string]any) error {
	recipes, err := unfold(s.name, data)
	if err != nil {
		return err
	}
	for _, r := range recipes {
		if err := schema.Validate(r); err != nil {
			return err
		}
		values := r.Values()
		maps.Copy(values, cluster)
		manifests, err := chart.Render(values)
		if err != nil {
			return err
		}
		objects, err := manifests.Objects()
		if err != nil {
			return err
		}
		if len(objects) == 0 {
			return errors.New("makes no objects")
		}
		s.objects = append(s.objects, objects...)
		s.warnings = append(s.warnings, manifests.Warnings()...)
	}
	return nil
}

// unfold returns the recipes of a file, in the order of their installation.
func unfold(name string, data []byte) ([]*recipe.Recipe, error) {
	doc, err := source.Parse(name, data)
	if err != nil {
		return nil, err
	}
	r, err := recipe.Load(doc)
	if err != nil {
		return nil, err
	}
	return []*recipe.Recipe{r}, nil
}

// workloads says whether the sample runs anything.
func (s *sample) workloads() bool {
	for _, o := range s.objects {
		if runs(o) {
			return true
		}
	}
	return false
}

func runs(o *unstructured.Unstructured) bool {
	switch o.GetKind() {
	case "Deployment", "Job", "LeaderWorkerSet":
		return true
	}
	return false
}
