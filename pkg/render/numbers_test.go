package render_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestNumbersAreThoseOfHelm renders files that spell numbers in every way that
// is accepted, as the plugin reads them and as helm template does.
func TestNumbersAreThoseOfHelm(t *testing.T) {
	t.Parallel()
	const head = `"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "b", "recipe_container_port": 8000.0,
		"recipe_storage_group_id": 1000680000, "recipe_replica_count": 2.0, "recipe_container_memory_size": 1e3, "recipe_nvidia_gpu_count": -0,
		"recipe_startup_probe_params": {"failure_threshold": 1000000, "period_seconds": 1e2},
		"recipe_pod_autoscaling_params": {"max_replicas": 1000000, "scaling_threshold": 16384000, "server_address": "http://p", "collect_metrics_timespan": 1e6},
		"recipe_additional_ingress_ports": [{"port": 65535}], "recipe_container_env": [`
	spelled := []string{"1000000", "16384000", "9007199254740991", "-1234567890", "-9007199254740991", "1.0", "1e3", "1E+3", "-0", "-0.0", "0", "1e15", "100e-2", "9.007199254740991e15"}
	yamlOnly := []string{"0o17", "0x10", "010", "-010", "1_000", "+5", "0b11", "089", "1.", "10_000.0"}
	for name, values := range map[string][]string{"a.json": spelled, "a.yaml": append(spelled, yamlOnly...)} {
		var env []string
		for _, value := range values {
			env = append(env, `{"key": "A`+value+`", "value": `+value+`}`)
		}
		file := filepath.Join(t.TempDir(), name)
		text := "{" + head + strings.Join(env, ", ") + "]}"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, reader := newRenderer(t, "default")
		doc, err := source.Parse(name, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		sets, problems := reader.Load(doc)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		rendered := r.Render(sets)[0]
		if len(rendered.Errors) > 0 {
			t.Fatal(rendered.Errors)
		}
		if diff := cmp.Diff(helmTemplate(t, file), rendered.Manifests.String()); diff != "" {
			t.Errorf("%s: helm template and Render differ (-helm +ours):\n%s", name, diff)
		}
		for _, value := range values[:5] {
			if !strings.Contains(rendered.Manifests.String(), `value: "`+value+`"`) {
				t.Errorf("%s: %s is not written in full", name, value)
			}
		}
		for _, line := range []string{"failureThreshold: 1000000", "fsGroup: 1000680000", "maxReplicaCount: 1000000", `threshold: "16384000"`, "[1000000s]", `memory: "1000Gi"`, "port: 65535"} {
			if !strings.Contains(rendered.Manifests.String(), line) {
				t.Errorf("%s: want %s in\n%s", name, line, rendered.Manifests)
			}
		}
	}
}
