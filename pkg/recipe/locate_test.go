package recipe_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// chartReader reads recipes by the chart's own schema, whose
// x-kubernetes-fields says what becomes of the keys.
func chartReader(t *testing.T) (*recipe.Schema, *recipe.Reader) {
	t.Helper()
	chart, err := render.Load(charts.Blueprint())
	if err != nil {
		t.Fatal(err)
	}
	schema, err := recipe.CompileSchema(chart.Schema())
	if err != nil {
		t.Fatal(err)
	}
	return schema, recipe.NewReader(schema)
}

const located = `recipe_mode: service
deployment_name: web
recipe_image_uri: nvcr.io/nim:1
recipe_container_secret_name: pull
recipe_container_port: "8000"
recipe_nvidia_gpu_count: 2
recipe_container_memory_size: 64
recipe_node_selector_arch: x86_64
shared_node_pool_custom_node_selectors:
  - {key: pool, value: large}
  - key: zone
    value: a
recipe_environment_secrets:
  - {envvar_name: A, secret_name: one, secret_key: token}
  - envvar_name: B
    secret_name: two
    secret_key: token
  - {envvar_name: C, secret_name: two, secret_key: other}
recipe_secret_mounts:
  - {name: two, mount_location: /two}
pvcs:
  volumes:
    - {name: data, mount_location: /data, volume_size_in_gbs: 5}
recipe_pod_autoscaling_params: {min_replicas: 1}
multinode_num_nodes_to_use_from_shared_pool: 2
`

// keyLine returns the line of located with the key that a line belongs to.
func keyLine(line int) string {
	lines := strings.Split(located, "\n")
	for line--; strings.HasPrefix(lines[line], " "); line-- {
	}
	return lines[line]
}

func TestLocate(t *testing.T) {
	t.Parallel()
	schema, reader := chartReader(t)
	doc, err := source.Parse("web.yaml", []byte(located))
	if err != nil {
		t.Fatal(err)
	}
	sets, problems := reader.Load(doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	const env = field.EnvSecret
	for _, c := range []struct {
		field  field.Path
		values []string
		want   string
	}{
		{field.Image, []string{"nvcr.io/nim:1"}, "3:19"},
		{field.ImagePullSecrets, []string{"pull"}, "4:31"},
		{env, []string{"one"}, "14:35"},
		{env, []string{"two"}, "16:18"},
		{env, []string{"token", "two"}, "17:17"}, // the key of that secret, not of the other
		{env, []string{"other", "two"}, "18:52"},
		{field.SecretVolume, []string{"two"}, "20:12"},
		{field.Resources, []string{"nvidia.com/gpu"}, "6:1"},
		{field.Resources, []string{"memory"}, "7:1"},
		{field.Resources, []string{"cpu"}, "0:0"}, // which it doesn't ask for
		{field.NodeSelector, []string{"large", "pool"}, "10:24"},
		{field.NodeSelector, []string{"gone", "zone"}, "11:10"},
		{field.NodeSelector, []string{"amd64", "kubernetes.io/arch"}, "8:1"},
		{field.Claim, []string{"data", "recipe-web-data"}, "23:14"},
		{field.Kind("ScaledObject"), nil, "24:1"},
		{field.Kind("LeaderWorkerSet"), nil, "25:1"},
		{field.CopyEnvSecret, []string{"two"}, "16:18"}, // it stands elsewhere only
		{"", []string{"/data"}, "23:36"},
		{"", []string{"nowhere"}, "0:0"},
		{field.HostPathVolume, nil, "0:0"},
	} {
		pos := schema.Locate(sets[0].Recipes[0], c.field, c.values...)
		if got := fmt.Sprintf("%d:%d", pos.Line, pos.Column); got != c.want {
			t.Errorf("%s %q: got %s, want %s", c.field, c.values, got, c.want)
		}
		if key := sets[0].Recipes[0].KeyAt(pos); pos.Line > 0 && !strings.HasPrefix(keyLine(pos.Line), key+":") {
			t.Errorf("%s %q: KeyAt says %s for line %d", c.field, c.values, key, pos.Line)
		}
	}
}

func TestKeyOf(t *testing.T) {
	t.Parallel()
	schema, _ := chartReader(t)
	for of, want := range map[field.Path]string{
		field.Resource("cpu"):                   "recipe_container_cpu_count",
		field.Resource("memory"):                "recipe_container_memory_size",
		field.Resource("ephemeral-storage"):     "recipe_ephemeral_storage_size",
		field.Resource("nvidia.com/gpu"):        "recipe_nvidia_gpu_count",
		field.Resource("amd.com/gpu"):           "recipe_amd_gpu_count",
		field.Resource("nvidia.com/mig-1g.5gb"): "mig_resource_request",
		field.MemoryVolume:                      "recipe_shared_memory_volume_size_limit_in_mb",
		field.Claim:                             "pvcs",
		field.Replicas:                          "recipe_replica_count",
		"Pod.spec.volumes.nosuch":               "",
		"":                                      "",
	} {
		if got := schema.KeyOf(of); got != want {
			t.Errorf("%q: got %q, want %q", of, got, want)
		}
	}
}

// TestLocateInGroupsAndCatalogs gives places in the file, not in the recipe.
func TestLocateInGroupsAndCatalogs(t *testing.T) {
	t.Parallel()
	schema, reader := chartReader(t)
	const member = `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_secret_name": "pull"}`
	for text, want := range map[string][]string{
		`{"deployment_group": {"name": "g", "deployments": [` + "\n" + `{"name": "one", "recipe": ` + member + "},\n" + `{"name": "two", "recipe": ` + member + "}]}}": {"2:135", "3:135"},
		`{"pre_filled_samples": [` + "\n" + member + ",\n" + member + "]}":                                                                                             {"2:109", "3:109"},
	} {
		doc, err := source.Parse("file.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		sets, problems := reader.Load(doc)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		var got []string
		for _, set := range sets {
			for _, r := range set.Recipes {
				pos := schema.Locate(r, field.ImagePullSecrets, "pull")
				got = append(got, fmt.Sprintf("%d:%d", pos.Line, pos.Column))
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestLocateClusterKeys finds what a recipe sets for its cluster.
func TestLocateClusterKeys(t *testing.T) {
	t.Parallel()
	schema, reader := chartReader(t)
	doc, err := source.Parse("job.yaml", []byte(`recipe_mode: job
deployment_name: tune
recipe_image_uri: x
recipe_environment_secrets:
  - {envvar_name: A, secret_name: keys, secret_key: token}
cluster:
  runtimeClassName: nvidia
  images:
    python: python:3
    rclone: rclone:1
  storageClass: fast
  podSecurity: restricted
  objectStorage:
    secretName: keys
`))
	if err != nil {
		t.Fatal(err)
	}
	sets, problems := reader.Load(doc)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, c := range []struct {
		field  field.Path
		values []string
		want   string
	}{
		{field.RuntimeClass, nil, "7:3"},
		{field.RuntimeClass, []string{"nvidia"}, "7:21"},
		{field.CopyImage, []string{"rclone:1"}, "10:13"},
		{field.CopyEnvSecret, []string{"keys"}, "14:17"}, // not the variable of the recipe's own container
		{field.EnvSecret, []string{"keys"}, "5:35"},
		{field.RunAsNonRoot, nil, "12:3"},
		{"PersistentVolumeClaim.spec.storageClassName", []string{"fast"}, "11:17"},
	} {
		pos := schema.Locate(sets[0].Recipes[0], c.field, c.values...)
		if got := fmt.Sprintf("%d:%d", pos.Line, pos.Column); got != c.want {
			t.Errorf("%s %q: got %s, want %s", c.field, c.values, got, c.want)
		}
	}
}
