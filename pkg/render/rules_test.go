package render_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

const portless = `{"recipe_mode": "job", "deployment_name": "x", "recipe_image_uri": "x"`

func TestRenderTellsAllTheRulesThatARecipeBreaks(t *testing.T) {
	t.Parallel()
	recipe := parse(t, portless+`,
		"recipe_nvidia_gpu_count": 1, "recipe_amd_gpu_count": 1,
		"recipe_environment_secrets": [
			{"envvar_name": "HF_TOKEN", "secret_name": "a", "secret_key": "b"},
			{"envvar_name": "HF_TOKEN", "secret_name": "a", "secret_key": "c"}],
		"recipe_container_env": [
			{"key": "A", "value": "s3cret"}, {"key": "B: C", "value": 7357}, {"key": "HF_TOKEN", "value": "s3cret"},
			{"key": "B: C", "value": "s3cret"}],
		"recipe_startup_probe_params": {}, "recipe_liveness_probe_params": {"port": 1}, "recipe_readiness_probe_params": {"scheme": "TCP"},
		"recipe_prometheus_enabled": true}`)
	_, err := loadChart(t).Render(recipe)
	broken := new(render.RuleError)
	if !errors.As(err, &broken) {
		t.Fatalf("want a RuleError, got %v", err)
	}
	want := []render.Violation{
		{Pointer: "/recipe_amd_gpu_count", Message: "recipe_nvidia_gpu_count is set, too, and a pod can have GPUs of one vendor only", Rule: "two-gpu-vendors"},
		{Pointer: "/recipe_environment_secrets/1/envvar_name", Message: `"HF_TOKEN" is already set at /recipe_environment_secrets/0/envvar_name`, Rule: "duplicate-variable"},
		{Pointer: "/recipe_container_env/2/key", Message: `"HF_TOKEN" is already set at /recipe_environment_secrets/0/envvar_name`, Rule: "duplicate-variable"},
		{Pointer: "/recipe_container_env/3/key", Message: `"B: C" is already set at /recipe_container_env/1/key`, Rule: "duplicate-variable"},
		{Pointer: "/recipe_readiness_probe_params", Message: "there is no port to probe; set port here, or recipe_container_port", Rule: "no-port"},
		{Pointer: "/recipe_startup_probe_params", Message: "there is no port to probe; set port here, or recipe_container_port", Rule: "no-port"},
		{Pointer: "/recipe_prometheus_enabled", Message: "there is no port to scrape; set recipe_container_port", Rule: "no-port"},
	}
	if diff := cmp.Diff(want, broken.Violations); diff != "" {
		t.Errorf("violations differ (-want +got):\n%s", diff)
	}
	if text := err.Error(); strings.Contains(text, "s3cret") || strings.Contains(text, "7357") {
		t.Errorf("the error quotes a value:\n%s", text)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 1+len(want) {
		t.Errorf("want a line for each violation and one above, got:\n%s", err)
	}
}

func TestRulesLetPassWhatTheyShould(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	for _, rest := range []string{
		`"recipe_nvidia_gpu_count": 1, "recipe_amd_gpu_count": 0`,
		`"recipe_container_env": [{"key": "A", "value": ""}, {"key": "a", "value": ""}]`,
		`"recipe_startup_probe_params": {"port": 1}`,
		`"recipe_container_port": 1, "recipe_startup_probe_params": {}, "recipe_prometheus_enabled": true`,
		`"recipe_prometheus_enabled": false`,
	} {
		if _, err := c.Render(parse(t, portless+","+rest+"}")); err != nil {
			t.Errorf("%s: %v", rest, err)
		}
	}
}

func TestSchemaRefuses(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	for _, rest := range []string{
		`"recipe_mode": "team"`, `"recipe_mode": "service"`, `"recipe_host_port": "80"`, `"recipe_replica_count": 0`,
		`"recipe_image_uri": ""`, `"recipe_image_uri": "a b"`, `"deployment_name": "???"`, `"recipe_image_url": "x"`,
		`"recipe_container_port": "0"`, `"recipe_container_port": "65536"`, `"recipe_container_port": "080"`,
		`"recipe_container_port": 65536`, `"recipe_container_port": " 80"`, `"recipe_container_port": "8000\n"`,
		`"recipe_container_secret_name": "A"`, `"recipe_container_secret_name": "a\n"`,
		`"recipe_environment_secrets": [{"envvar_name": "A=B", "secret_name": "a", "secret_key": "b"}]`,
		`"recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "a", "secret_key": ".."}]`,
		`"recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "a"}]`,
		`"recipe_container_env": [{"key": "", "value": "x"}]`, `"recipe_container_env": [{"key": "A"}]`,
		`"recipe_container_command_args": [1]`, `"recipe_nvidia_gpu_count": 1.5`, `"recipe_nvidia_gpu_count": -1`,
		`"recipe_liveness_probe_params": {"success_threshold": 2}`, `"recipe_liveness_probe_params": {"period_seconds": 0}`,
		`"recipe_liveness_probe_params": {"scheme": "UDP"}`, `"recipe_liveness_probe_params": {"path": "/"}`,
	} {
		if validate(t, c, parse(t, portless+","+rest+"}")) == nil {
			t.Errorf("%s: want it refused", rest)
		}
	}
	for _, key := range []string{"recipe_mode", "deployment_name", "recipe_image_uri"} {
		recipe := parse(t, portless+"}")
		delete(recipe, key)
		if validate(t, c, recipe) == nil {
			t.Errorf("without %s: want it refused", key)
		}
	}
	if err := validate(t, c, parse(t, portless+"}")); err != nil {
		t.Errorf("want the recipe itself accepted, got %v", err)
	}
}
