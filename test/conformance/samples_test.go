// Package conformance_test takes every sample recipe, those of testdata and the
// public ones where they are at hand, as far as a cluster without hardware can:
// a server-side dry run of each object, all its pods to Running, and the table
// docs/coverage.md of what becomes of each file.
package conformance_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	warnings     source.Errors // of the chart and between members of a group
	refused      error
}

// samples are the files of testdata and of the corpus, those in a cluster that
// has everything and in one that has nothing, sorted by folder and name.
func samples(t *testing.T) []*sample {
	t.Helper()
	var all []*sample
	for _, folder := range []string{"recipes", "groups"} {
		own, err := filepath.Glob("../../testdata/" + folder + "/*.json")
		if err != nil || len(own) == 0 {
			t.Fatalf("want %s in testdata, got %d (%v)", folder, len(own), err)
		}
		all = append(all, read(t, "testdata-"+folder, own, nil)...)
	}
	all = append(all, publicSamples(t)...)
	return append(all, read(t, "bare", slices.Concat(corpus.Files(t, "recipes"), corpus.Files(t, "groups")), nil)...)
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
	return append(read(t, "recipes", corpus.Files(t, "recipes"), values), read(t, "groups", corpus.Files(t, "groups"), values)...)
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
	renderer := &render.Renderer{Chart: chart, Schema: schema, Namespace: metav1.NamespaceDefault, Values: cluster}
	reader := recipe.NewReader(schema)
	var all []*sample
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		s := &sample{folder: folder, name: filepath.Base(file)}
		s.refused = s.render(reader, renderer, data)
		all = append(all, s)
	}
	return all
}

// render does what the command render does, for each recipe of the file: those
// of a group come in the order of their installation.
func (s *sample) render(reader *recipe.Reader, renderer *render.Renderer, data []byte) error {
	doc, err := source.Parse(s.name, data)
	if err != nil {
		return err
	}
	sets, faults := reader.Load(doc)
	rendered := renderer.Render(sets)
	for _, r := range rendered {
		faults = append(faults, r.Errors...)
	}
	if err := faults.Sorted(); err != nil {
		return err
	}
	for _, r := range rendered {
		objects, err := r.Manifests.Objects()
		if err != nil {
			return err
		}
		if len(objects) == 0 {
			return errors.New("makes no objects")
		}
		s.objects, s.warnings = append(s.objects, objects...), append(s.warnings, hurting(r.Warnings)...)
	}
	return nil
}

// hurting leaves out the warnings about the spelling of keys, which nearly all
// samples have.
func hurting(warnings source.Errors) source.Errors {
	return slices.DeleteFunc(slices.Clone(warnings), func(w *source.Error) bool {
		return w.Rule == "ignored-keys" || w.Rule == "deprecated-key"
	})
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
