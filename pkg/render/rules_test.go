package render_test

import (
	"errors"
	"fmt"
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
		{Pointer: "/recipe_amd_gpu_count", Message: "cannot be used together with recipe_nvidia_gpu_count; a pod has GPUs of one vendor only", Rule: "mixed-gpu-vendors"},
		{Pointer: "/recipe_environment_secrets/1/envvar_name", Message: `"HF_TOKEN" is already set at /recipe_environment_secrets/0/envvar_name`, Rule: "duplicate-variable"},
		{Pointer: "/recipe_container_env/2/key", Message: `"HF_TOKEN" is already set at /recipe_environment_secrets/0/envvar_name`, Rule: "duplicate-variable"},
		{Pointer: "/recipe_container_env/3/key", Message: `"B: C" is already set at /recipe_container_env/1/key`, Rule: "duplicate-variable"},
		{Pointer: "/recipe_readiness_probe_params", Message: "requires a port; set port here, or recipe_container_port", Rule: "missing-port"},
		{Pointer: "/recipe_startup_probe_params", Message: "requires a port; set port here, or recipe_container_port", Rule: "missing-port"},
		{Pointer: "/recipe_prometheus_enabled", Message: "requires recipe_container_port, the port to scrape", Rule: "missing-port"},
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

// TestConfigMapsAreMeasuredInBytes has the values of a ConfigMap just at the
// limit of the API server, and above it, as one file, several, and not ASCII.
func TestConfigMapsAreMeasuredInBytes(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	for name, c := range map[string]struct {
		files []string
		want  bool
	}{
		"at the limit":           {[]string{strings.Repeat("a", limit)}, false},
		"above":                  {[]string{strings.Repeat("a", limit+1)}, true},
		"above together":         {[]string{strings.Repeat("a", limit/2), strings.Repeat("b", limit/2+1)}, true},
		"above as UTF-8":         {[]string{strings.Repeat("é", limit/2+1)}, true},
		"at the limit, as UTF-8": {[]string{strings.Repeat("é", limit/2)}, false},
	} {
		data := map[string]any{}
		for i, text := range c.files {
			data[string(rune('a'+i))] = text
		}
		recipe := parse(t, portless+"}")
		recipe["recipe_configmaps"] = []any{
			map[string]any{"name": "small", "mount_location": "/a", "data": map[string]any{"a": "b"}},
			map[string]any{"name": "large", "mount_location": "/b", "data": data},
		}
		_, err := loadChart(t).Render(recipe)
		var broken *render.RuleError
		if errors.As(err, &broken) != c.want {
			t.Errorf("%s: got %v", name, err)
		}
		if c.want && (len(broken.Violations) != 1 || broken.Violations[0].Rule != "configmap-size" || broken.Violations[0].Pointer != "/recipe_configmaps/1/data") {
			t.Errorf("%s: got %+v", name, broken.Violations)
		}
	}
}

// parallel is a Job with GPUs and arguments.
func parallel(gpus int, args ...string) string {
	return fmt.Sprintf(`{"recipe_mode": "job", "deployment_name": "x", "recipe_image_uri": "x", "recipe_nvidia_gpu_count": %d, "recipe_shared_memory_volume_size_limit_in_mb": 1000,
		"recipe_container_env": [{"key": "TP", "value": 4}], "recipe_container_command_args": ["%s"]}`, gpus, strings.Join(args, `", "`))
}

// TestEachRuleSpeaksUp has a recipe for every rule between keys, and for every
// warning, with the pointer and the name of each.
func TestEachRuleSpeaksUp(t *testing.T) {
	t.Parallel()
	const job = portless + ", "
	const service = `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "x", "recipe_container_port": 80, `
	for _, c := range []struct {
		recipe string
		want   []string // rule and pointer of each error, or of each warning
	}{
		{job + `"mig_resource_request": "1g.5gb", "recipe_nvidia_gpu_count": 2}`, []string{"mig-and-gpus /recipe_nvidia_gpu_count"}},
		{job + `"mig_resource_request": "1g.5gb", "recipe_amd_gpu_count": 1}`, []string{"mixed-gpu-vendors /mig_resource_request"}},
		{service + `"recipe_pod_autoscaling_params": {"min_replicas": 5}}`, []string{"min-above-max /recipe_pod_autoscaling_params"}},
		{job + `"local_filesystem": [{"mount_location": "/a"}, {"mount_location": "/b", "node_directory_path": "/b", "local_directory_path": "/b"}]}`,
			[]string{"missing-key /local_filesystem/0", "conflicting-keys /local_filesystem/1/local_directory_path"}},
		{job + `"input_file_system": [{"file_system_ocid": "a", "mount_location": "/a"}], "cluster": {"fileSystems": [{"ocid": "b"}]}}`,
			[]string{"missing-key /cluster/fileSystems/0", "unknown-file-system /input_file_system/0/file_system_ocid"}},
		{job + `"pvcs": {"volumes": [{"name": "a", "mount_location": "/a", "volume_size_in_gbs": 1}, {"name": "a", "mount_location": "/b", "volume_size_in_gbs": 1}]},
			"recipe_configmaps": [{"name": "a", "mount_location": "/c", "data": {}}, {"name": "a", "mount_location": "/d", "data": {}}]}`,
			[]string{"duplicate-name /pvcs/volumes/1/name", "duplicate-name /recipe_configmaps/1/name"}},
		{job + `"pvcs": {"volumes": [{"name": "output-0", "mount_location": "/a", "volume_size_in_gbs": 1}]}, "recipe_configmaps": [{"name": "scripts", "mount_location": "/c", "data": {}}],
			"input_object_storage": [{"par": "https://objects.example.com/p/t/n/n/b/b/o/", "mount_location": "/i", "volume_size_in_gbs": 1}],
			"output_object_storage": [{"bucket_name": "b", "mount_location": "/o", "volume_size_in_gbs": 1}]}`,
			[]string{"duplicate-name /pvcs/volumes/0/name", "duplicate-name /recipe_configmaps/0/name"}},
		{job + `"recipe_shared_memory_volume_size_limit_in_mb": 64, "recipe_secret_mounts": [{"name": "a", "mount_location": "/dev/shm"}]}`,
			[]string{"duplicate-mount /recipe_secret_mounts/0/mount_location"}},
		{service + `"recipe_additional_ingress_ports": [{"port": 1, "service_name": "a"}, {"port": 2, "rewrite_target": "/"}]}`,
			[]string{"missing-key /recipe_additional_ingress_ports/0", "missing-key /recipe_additional_ingress_ports/1"}},
		{service + `"recipe_host_port": 8001, "recipe_additional_ingress_ports": [{"port": 8002}, {"port": "8001"}, {"port": 8001, "service_name": "a", "path": "/a"}]}`,
			[]string{"port-conflict /recipe_additional_ingress_ports/1/port"}},
		{`{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "x", "recipe_container_port": 8000, "recipe_additional_ingress_ports": [{"port": 80}, {"port": 8000}]}`,
			[]string{"port-conflict /recipe_additional_ingress_ports/0/port"}},
		{service + `"recipe_additional_ingress_ports": [{"port": 80}]}`, nil},
		{service + `"recipe_inference_gateway": {"model_name": "m", "api_key": "k"}, "cluster": {"gateway": {"kind": "gateway-api"}}}`,
			[]string{"missing-key /cluster/gateway", "gateway-key /recipe_inference_gateway/api_key"}},

		{job + `"recipe_node_shape": "large: 8", "recipe_shared_node_pool_selector": "a b", "cluster": {"nodeShapeLabel": "shape", "sharedNodePools": true}}`,
			[]string{"invalid-label-value /recipe_node_shape", "invalid-label-value /recipe_shared_node_pool_selector"}},

		{service + `"recipe_nvidia_gpu_count": 1, "recipe_startup_probe_params": {}}`, []string{"short-startup /recipe_startup_probe_params"}},
		{service + `"recipe_nvidia_gpu_count": 1, "recipe_startup_probe_params": {"failure_threshold": 145}}`, nil},
		{service + `"recipe_amd_gpu_count": 1, "recipe_liveness_probe_params": {"initial_delay_seconds": 299}}`,
			[]string{"early-liveness /recipe_liveness_probe_params", "early-requests /recipe_amd_gpu_count"}},
		{service + `"recipe_amd_gpu_count": 1, "recipe_readiness_probe_params": {}, "recipe_liveness_probe_params": {}}`, nil},
		{service + `"mig_resource_request": "1g.10gb"}`, []string{"early-requests /mig_resource_request"}},
		{service + `"recipe_container_command_args": ["--model", "a/b"]}`, nil},
		{job + `"recipe_nvidia_gpu_count": 1}`, nil},
		{job + `"recipe_container_command": ["run", "-m x"], "recipe_container_command_args": ["--model x/y", "--template={{ a b }}", "a --b c", "- a", "--", "-c", "--model  "]}`,
			[]string{"argument-space /recipe_container_command/1", "argument-space /recipe_container_command_args/0"}},
		{parallel(2, "--tensor-parallel-size", "2"), nil},
		{parallel(2, "--tensor_parallel_size=2"), nil},
		{parallel(4, "-tp", "2", "-pp", "2"), nil},
		{parallel(4, "--tp", "2"), []string{"gpu-parallelism /recipe_nvidia_gpu_count"}},
		{parallel(2, "--num-shard", "4"), []string{"gpu-parallelism /recipe_nvidia_gpu_count"}},
		{parallel(2, "--pipeline-parallel-size", "2", "--tensor-parallel-size", "2"), []string{"gpu-parallelism /recipe_nvidia_gpu_count"}},
		{parallel(2, "--tensor-parallel-size", "$(TP)"), []string{"gpu-parallelism /recipe_nvidia_gpu_count"}}, // it is 4
		{parallel(4, "--tensor-parallel-size", "$(TP)"), nil},
		{parallel(2, "--tensor-parallel-size", "$(NONE)"), []string{"undefined-variable /recipe_container_command_args/1"}},
		{parallel(4, "--tensor-parallel-size", "2", "--data-parallel-size", "2"), nil},
		{parallel(2, "vllm", "serve", "a/b"), []string{"gpu-parallelism /recipe_nvidia_gpu_count"}},
		{parallel(1, "vllm", "serve", "a/b"), nil},
		{parallel(2, "run", "a/b"), nil},
		{parallel(2, "bash", "-c", "exec vllm serve a/b --tensor-parallel-size 2 --port 80"), nil},
		{service + `"recipe_nvidia_gpu_count": 2, "recipe_shared_memory_volume_size_limit_in_mb": 1000, "recipe_readiness_probe_params": {}, "multinode_num_nodes_to_use_from_shared_pool": 2,
			"recipe_container_command_args": ["--tensor-parallel-size", "2", "--pipeline-parallel-size", "2"]}`, nil},
		{service + `"recipe_nvidia_gpu_count": 2, "recipe_shared_memory_volume_size_limit_in_mb": 1000, "recipe_readiness_probe_params": {}, "multinode_num_nodes_to_use_from_shared_pool": 2,
			"recipe_container_command_args": ["--tensor-parallel-size", "2"]}`, []string{"gpu-parallelism /recipe_nvidia_gpu_count"}},
		{job + `"recipe_nvidia_gpu_count": 2}`, []string{"small-shm /recipe_nvidia_gpu_count"}},
		{job + `"recipe_nvidia_gpu_count": 2, "recipe_shared_memory_volume_size_limit_in_mb": 999}`, []string{"small-shm /recipe_shared_memory_volume_size_limit_in_mb"}},
		{job + `"recipe_nvidia_gpu_count": 2, "recipe_shared_memory_volume_size_limit_in_mb": 1000}`, nil},
		{job + `"recipe_nvidia_gpu_count": 2, "recipe_shared_memory_volume_size_limit_in_mb": 1025, "recipe_container_memory_size": 1}`, []string{"shm-over-memory /recipe_container_memory_size"}},
		{job + `"recipe_team_info": {"team_name": "a"}, "mig_resource_request": "1g.10gb"}`, []string{"mig-quota /mig_resource_request"}},
		{job + `"recipe_team_info": {"team_name": "a"}, "recipe_nvidia_gpu_count": 1}`, nil},
		{job + `"recipe_container_command_use_shell": true}`, []string{"use-shell /recipe_container_command_use_shell"}},
		{job + `"recipe_container_env": [{"key": "A", "value": "<your name>"}, {"key": "HF_TOKEN", "value": "hf_x"}, {"key": "API_KEY", "value": "$(A)"},
			{"key": "URL", "value": "http://recipe-a.default.svc.cluster.local"}, {"key": "MAX_TOKENS", "value": 5}, {"key": "B", "value": "a < b > c"}]}`,
			[]string{"placeholder /recipe_container_env/0/value", "plaintext-credential /recipe_container_env/1/value", "default-namespace /recipe_container_env/3/value"}},
		{job + `"recipe_container_env": [{"key": "A", "value": "a"}], "recipe_container_command_args": ["--token", "x", "--api-key", "$(A)", "$(B)", "$$(C)", "$$$(D)", "--token"]}`,
			[]string{"plaintext-credential /recipe_container_command_args/1", "undefined-variable /recipe_container_command_args/4", "undefined-variable /recipe_container_command_args/6"}},
		{job + `"recipe_environment_secrets": [{"envvar_name": "S", "secret_name": "s", "secret_key": "k"}], "recipe_container_env": [{"key": "A", "value": "$(S) $(B) $(A)"},
			{"key": "B", "value": "$(A)"}, {"key": "C", "value": "$(NONE) $$(NONE)"}, {"key": "D", "value": 5}, {"key": "URL", "value": "$(KUBERNETES_SERVICE_HOST)"}]}`,
			[]string{"undefined-variable /recipe_container_env/0/value", "undefined-variable /recipe_container_env/0/value", "undefined-variable /recipe_container_env/2/value"}},
		{job + `"recipe_container_env": [{"key": "A", "value": "a"}], "recipe_container_command": ["run", "$(A)", "$(B)", "$$(B)"], "recipe_container_command_args": ["$(lower)"]}`,
			[]string{"undefined-variable /recipe_container_command/2", "undefined-variable /recipe_container_command_args/0"}},
		{job + `"recipe_container_command": ["/bin/bash", "-c", "x $(nproc)"], "recipe_container_command_args": ["$(nproc) $(HF_HOME)"]}`,
			[]string{"undefined-variable /recipe_container_command_args/0"}},
		{job + `"recipe_container_command_use_shell": true, "recipe_container_command": ["echo $(date)", "$(B)"]}`,
			[]string{"use-shell /recipe_container_command_use_shell", "undefined-variable /recipe_container_command/1"}},
		{service + `"multinode_num_nodes_to_use_from_shared_pool": 2, "recipe_container_env": [{"key": "A", "value": "$(LWS_LEADER_ADDRESS)"}]}`, nil},
		{service + `"multinode_num_nodes_to_use_from_shared_pool": 2, "recipe_container_command_args": ["$(LWS_LEADER_ADDRESS)", "$(LWS_GROUP_SIZE)", "$(LWS_WORKER_INDEX)", "$(LWS_OTHER)"]}`,
			[]string{"undefined-variable /recipe_container_command_args/3"}},
		{service + `"recipe_container_command_args": ["$(LWS_LEADER_ADDRESS)", "$(KUBERNETES_SERVICE_HOST):$(KUBERNETES_SERVICE_PORT)", "$(HF_HOME)"]}`,
			[]string{"undefined-variable /recipe_container_command_args/0", "undefined-variable /recipe_container_command_args/2"}},
		{service + `"recipe_container_command_args": ["$(HF_HOME)"], "cluster": {"podSecurity": "restricted"}}`, nil},
		{service + `"recipe_inference_gateway": {"model_name": "m", "api_key": "k"}}`, []string{"plaintext-credential /recipe_inference_gateway/api_key", "missing-gateway /recipe_inference_gateway"}},
		{service + `"recipe_node_shape": "a", "recipe_shared_node_pool_selector": "b", "multinode_rdma_enabled_in_shared_pool": true}`,
			[]string{"node-shape /recipe_node_shape", "node-pool /recipe_shared_node_pool_selector", "rdma /multinode_rdma_enabled_in_shared_pool"}},
		{service + `"recipe_pod_autoscaling_params": {}}`, []string{"missing-prometheus /recipe_pod_autoscaling_params"}},
		{service + `"service_endpoint_subdomain": "a"}`, []string{"missing-domain /service_endpoint_subdomain"}},
		{service + `"recipe_additional_ingress_ports": [{"port": 1, "path": "/"}]}`, []string{"path-conflict /recipe_additional_ingress_ports/0/path"}},
		{service + `"recipe_readiness_probe_params": {"port": 81}}`, []string{"probe-port /recipe_readiness_probe_params/port"}},
		{service + `"local_filesystem": [{"mount_location": "/a", "node_directory_path": "/a"}]}`, []string{"host-path /local_filesystem"}},
		{service + `"recipe_replica_count": 2, "pvcs": {"volumes": [{"name": "a", "mount_location": "/a", "volume_size_in_gbs": 1}]}}`, []string{"shared-claim /recipe_replica_count"}},
	} {
		recipe := parse(t, c.recipe)
		if err := validate(t, loadChart(t), recipe); err != nil {
			t.Errorf("%s: %v", c.recipe, err)
			continue
		}
		manifests, err := loadChart(t).Render(recipe)
		told := manifests.Warnings()
		var broken *render.RuleError
		if errors.As(err, &broken) {
			told = broken.Violations
		} else if err != nil {
			t.Errorf("%s: %v", c.recipe, err)
		}
		var got []string
		for _, v := range told {
			got = append(got, v.Rule+" "+v.Pointer)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.recipe, diff)
		}
	}
}
