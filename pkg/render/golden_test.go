package render_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

func TestRenderGivesGoldenManifests(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	for _, file := range recipeFiles(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			recipe := readRecipe(t, file)
			if err := validate(t, c, recipe); err != nil {
				t.Fatal(err)
			}
			checkGolden(t, strings.TrimSuffix(file, ".json")+".yaml", mustRender(t, c, recipe).String())
		})
	}
}

// checkGolden compares text with a golden file, which -update writes.
func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", file, diff)
	}
}

func TestEveryGoldenFileHasItsRecipe(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(repository + "/testdata/[rg]*s/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("want golden files, got %d (%v)", len(files), err)
	}
	for _, file := range files {
		if _, err := os.Stat(strings.TrimSuffix(file, ".yaml") + ".json"); err != nil {
			t.Error(err)
		}
	}
}

// A field that Kubernetes does not know, or of another type, is a mistake in
// a template that no golden file would show.
func TestObjectsDecodeStrictly(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	decoder := strictDecoder(t)
	for _, file := range append(recipeFiles(t), corpus.Files(t, "recipes")...) {
		recipe, ok := acceptable(t, c, file)
		if !ok {
			continue
		}
		objects, err := mustRender(t, c, recipe).Objects()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if len(objects) == 0 {
			t.Errorf("%s: no objects", file)
		}
		for _, object := range objects {
			data, err := object.MarshalJSON()
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := decoder.Decode(data, nil, nil); err != nil && !ofOthers(object) {
				t.Errorf("%s: %s %s: %v", file, object.GetKind(), object.GetName(), err)
			}
		}
	}
}

// ofOthers tells whether an object's kind is not Kubernetes' own. The API server
// decodes those strictly, in the test of the whole corpus.
func ofOthers(object *unstructured.Unstructured) bool {
	group := object.GroupVersionKind().Group
	return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") || group == "leaderworkerset.x-k8s.io" ||
		group == "kueue.x-k8s.io" || group == "gateway.networking.k8s.io"
}

func strictDecoder(t *testing.T) runtime.Decoder {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{appsv1.AddToScheme, batchv1.AddToScheme, corev1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	return serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
}
