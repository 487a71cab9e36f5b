package render_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

const service = `{"recipe_mode": "service", "deployment_name": %q, "recipe_image_uri": "x", "recipe_container_port": 8000}`

func TestObjectsAreNamedAfterTheDeployment(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	for name, want := range map[string]string{
		"nim":                           "recipe-nim",
		"vLLM Inference Deployment":     "recipe-vllm-inference-deployment",
		"autoscale_vllm_example":        "recipe-autoscalevllmexample",
		"MLCommons Finetune LORA/PEFT":  "recipe-mlcommons-finetune-lorapeft",
		"405b":                          "recipe-405b",
		"- a -- _ b -":                  "recipe-a-b",
		"ÄÖ x\u00a0y\tz":                "recipe-xy-z",
		strings.Repeat("a", 46):         "recipe-" + strings.Repeat("a", 46),
		strings.Repeat("a", 47):         "recipe-" + strings.Repeat("a", 37) + "-11eaed93",
		strings.Repeat("ab ", 20) + "c": "recipe-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a-0962e49e",
	} {
		got := names(t, mustRender(t, c, parse(t, fmt.Sprintf(service, name))))
		if diff := cmp.Diff([]string{"Service " + want, "Deployment " + want}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
		if len(want) > 53 {
			t.Errorf("%s has %d characters", want, len(want))
		}
	}
}

// A Job cannot be changed, so whatever would change its specification has to
// change its name, and nothing else may.
func TestJobIsNamedAfterItsSpecification(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	recipe := func() map[string]any {
		return parse(t, `{"recipe_mode": "job", "deployment_name": "`+strings.Repeat("tune ", 20)+`", "recipe_image_uri": "x"}`)
	}
	original := names(t, mustRender(t, c, recipe()))[0]
	if name := strings.TrimPrefix(original, "Job "); len(name) > 63 {
		t.Errorf("%s has %d characters", name, len(name))
	}
	for key, value := range map[string]any{
		"recipe_image_uri": "y", "recipe_replica_count": 2.0, "recipe_nvidia_gpu_count": 1.0,
	} {
		changed := recipe()
		changed[key] = value
		if names(t, mustRender(t, c, changed))[0] == original {
			t.Errorf("%s changes the Job, but not its name", key)
		}
	}
	retitled := recipe()
	retitled["recipe_id"] = "another"
	retitled["recipe_node_shape"] = "VM.1"
	if got := names(t, mustRender(t, c, retitled))[0]; got != original {
		t.Errorf("want %s under a new title, got %s", original, got)
	}
}

func TestIntegersKeepTheirDigitsOrAreRefused(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	for number, ok := range map[string]bool{
		"0": true, "-1": true, "1000000": true, "9007199254740991": true, "-9007199254740991": true,
		"9007199254740992": false, "9007199254740993": false, "-9007199254740992": false,
		"18446744073709551615": false, "1e300": false, "0.5": false, "true": false, "null": false,
	} {
		recipe := parse(t, fmt.Sprintf(service, "x"))
		recipe["recipe_container_env"] = parse(t, `{"env": [{"key": "N", "value": `+number+`}]}`)["env"]
		if err := validate(t, c, recipe); (err == nil) != ok {
			t.Errorf("%s: accepted should be %t, got %v", number, ok, err)
		}
		if ok && !holds(t, mustRender(t, c, recipe), "", number) {
			t.Errorf("%s is nowhere in the objects", number)
		}
	}
}

func TestNullMeansTheDefault(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	recipe := parse(t, fmt.Sprintf(service, "x"))
	want := mustRender(t, c, recipe).String()
	recipe["recipe_replica_count"] = nil
	if diff := cmp.Diff(want, mustRender(t, c, recipe).String()); diff != "" {
		t.Errorf("(-absent +null):\n%s", diff)
	}
}

func TestRenderLeavesTheRecipeAndTheChartAsTheyAre(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	file := recipeFiles(t)[0]
	recipe := readRecipe(t, file)
	want := mustRender(t, c, recipe).String()
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			if got, err := c.Render(recipe); err != nil || got.String() != want {
				t.Errorf("another result at the same time: %v", err)
			}
		})
	}
	workers.Wait()
	if diff := cmp.Diff(readRecipe(t, file), recipe); diff != "" {
		t.Errorf("recipe changed (-want +got):\n%s", diff)
	}
}

// names are kind and name of each object.
func names(t *testing.T, m render.Manifests) []string {
	t.Helper()
	objects, err := m.Objects()
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, object := range objects {
		all = append(all, object.GetKind()+" "+object.GetName())
	}
	return all
}

func TestObjectsCarryTheLabelsAndAnnotationsOfTheirRecipe(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	for _, file := range recipeFiles(t) {
		recipe := readRecipe(t, file)
		objects, err := mustRender(t, c, recipe).Objects()
		if err != nil {
			t.Fatal(err)
		}
		instance := objects[0].GetLabels()[ownership.InstanceLabel]
		for _, object := range objects {
			named := strings.HasPrefix(object.GetName(), instance) || recipe["recipe_mode"] == "team" // queues are named after the team
			if !named || object.GetLabels()[ownership.InstanceLabel] != instance {
				t.Errorf("%s: %s %s: labels %v", file, object.GetKind(), object.GetName(), object.GetLabels())
			}
			if got := object.GetAnnotations()[render.DeploymentNameAnnotation]; got != recipe["deployment_name"] {
				t.Errorf("%s: %s: want the annotation to be %q, got %q", file, object.GetKind(), recipe["deployment_name"], got)
			}
		}
	}
}
