package render_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMaskedHidesTheValuesOfSecretsAndNothingElse(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	recipe := parse(t, `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "x", "recipe_container_port": 80,
		"recipe_inference_gateway": {"model_name": "m", "api_key": "hunter2-hunter2"}, "cluster": {"gateway": {"kind": "kong"}}}`)
	manifests := mustRender(t, c, recipe)
	masked, found := manifests.Masked()
	const encoded = "aHVudGVyMi1odW50ZXIy" // of the key, in base64
	if !found || !strings.Contains(manifests.String(), encoded) {
		t.Fatalf("want a Secret with the key, got:\n%s", manifests)
	}
	if strings.Contains(masked.String(), encoded) || strings.Contains(masked.String(), "hunter2") {
		t.Errorf("the key is shown:\n%s", masked)
	}
	before, err := manifests.Objects()
	if err != nil {
		t.Fatal(err)
	}
	after, err := masked.Objects()
	if err != nil {
		t.Fatal(err)
	}
	for i, object := range before {
		if object.GetKind() == "Secret" {
			for key := range object.Object["data"].(map[string]any) {
				object.Object["data"].(map[string]any)[key] = "***"
			}
		}
		if diff := cmp.Diff(object.Object, after[i].Object); diff != "" {
			t.Errorf("%s %s (-rendered +masked):\n%s", object.GetKind(), object.GetName(), diff)
		}
	}
}

func TestMaskedLeavesARecipeWithoutSecretsAlone(t *testing.T) {
	t.Parallel()
	manifests := mustRender(t, loadChart(t), readRecipe(t, repository+"/testdata/recipes/nim-service.json"))
	masked, found := manifests.Masked()
	if found || masked.String() != manifests.String() {
		t.Errorf("want the same bytes and no Secret, got %t", found)
	}
}
