package render_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// TestFieldsOfKeysExist holds that x-kubernetes-fields tells the truth: each field
// is in an object that the chart makes of some recipe, and every key that says in
// words what it becomes says so for programs as well.
func TestFieldsOfKeysExist(t *testing.T) {
	t.Parallel()
	c := loadChart(t)
	made := map[string]bool{}
	for _, file := range recipeFiles(t) {
		addFields(made, decoded(t, mustRender(t, c, readRecipe(t, file))))
	}
	const base = `{"deployment_name": "x", "recipe_image_uri": "x", "recipe_container_port": 80, `
	for _, text := range []string{ // what needs more of a cluster than the samples
		`"recipe_mode": "service", "recipe_nvidia_gpu_count": 1, "recipe_id": "x", "pre_filled_sample_name": "x", "recipe_prometheus_enabled": true,
			"cluster": {"runtimeClassName": "nvidia", "serviceMonitor": true, "secretVersions": {"a": "1"}, "ingress": {"domain": "example.com", "clusterIssuer": "x", "tls": true}}}`,
		`"recipe_mode": "job", "recipe_node_shape": "a", "cluster": {"nodeShapeLabel": "shape"}}`,
		`"recipe_mode": "job", "recipe_use_shared_node_pool": true, "recipe_shared_node_pool_selector": "a", "cluster": {"sharedNodePools": true, "podSecurity": "restricted"}}`,
		`"recipe_mode": "job", "input_object_storage": [{"mount_location": "/i", "bucket_name": "b", "volume_size_in_gbs": 1}],
			"cluster": {"objectStorage": {"secretName": "s", "volume": "emptyDir"}}}`,
		`"recipe_mode": "service", "input_file_system": [{"mount_location": "/a", "file_system_ocid": "a", "mount_target_ocid": "a", "volume_size_in_gbs": 1}, {"mount_location": "/b", "file_system_ocid": "b", "mount_target_ocid": "b", "volume_size_in_gbs": 1}],
			"pvcs": {"retain_after_undeploy": true, "volumes": [{"name": "d", "mount_location": "/d", "volume_size_in_gbs": 1}]},
			"cluster": {"storageClass": "fast", "fileSystems": [{"ocid": "a", "claimName": "c"}, {"ocid": "b", "server": "s", "path": "/p"}]}}`,
		`"recipe_mode": "service", "recipe_pod_autoscaling_params": {"scaler_type": "prometheus", "server_address": "http://p"}}`,
	} {
		addFields(made, decoded(t, mustRender(t, c, parse(t, base+text))))
	}
	var schema any
	if err := json.Unmarshal(c.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	checkFields(t, "", schema, made)
}

// checkFields compares the fields of all keys in a part of the schema.
func checkFields(t *testing.T, path string, node any, made map[string]bool) {
	t.Helper()
	schema, ok := node.(map[string]any)
	if !ok {
		return
	}
	fields, _ := schema["x-kubernetes-fields"].([]any)
	if _, told := schema["x-kubernetes"].(string); told != (len(fields) > 0) {
		t.Errorf("%s: x-kubernetes and x-kubernetes-fields go together", path)
	}
	for _, f := range fields {
		if name, wild := strings.CutSuffix(f.(string), "*]"); !made[f.(string)] && (!wild || !hasPrefix(made, name)) {
			t.Errorf("%s: no object has %s", path, f)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(schema)) {
		checkFields(t, path+"/"+key, schema[key], made)
	}
}

func hasPrefix(made map[string]bool, prefix string) bool {
	for path := range made {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

// addFields adds the paths of all fields of objects, as pkg/field spells them.
func addFields(made map[string]bool, objects []*unstructured.Unstructured) {
	for _, o := range objects {
		addPaths(made, o.GetKind(), o.Object)
		addPaths(made, "*", o.Object)
	}
}

func addPaths(made map[string]bool, path string, node any) {
	made[path] = true
	switch node := node.(type) {
	case map[string]any:
		if spec, ok := node["spec"].(map[string]any); ok && spec["containers"] != nil && path != "Pod" {
			addPaths(made, "Pod", node)
		}
		for key, value := range node {
			addPaths(made, path+"."+key, value)
			addPaths(made, path+"["+key+"]", value)
		}
	case []any:
		for _, item := range node {
			addPaths(made, path, item)
		}
	}
}
