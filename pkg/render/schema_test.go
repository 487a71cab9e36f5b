package render_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema is as much of the chart's schema as the tests look at.
type schema struct {
	Description string            `json:"description"`
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
	Ignored     *string           `json:"x-ignored"`
	Refused     map[string]string `json:"x-refused"`
}

func readSchema(t testing.TB) schema {
	t.Helper()
	var s schema
	if err := json.Unmarshal(loadChart(t).Schema(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// validator is the compiled schema, for tests that validate thousands of
// recipes; helm's own validation compiles it anew for each.
func validator(t testing.TB) func(recipe any) error {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(loadChart(t).Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("recipe.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("recipe.json")
	if err != nil {
		t.Fatal(err)
	}
	return compiled.Validate
}

// upstreamKeys are the keys of recipes in the published format, its newer
// additions and its past.
const upstreamKeys = `
recipe_mode deployment_name recipe_id pre_filled_sample_name recipe_image_uri
recipe_container_secret_name recipe_environment_secrets recipe_container_env
recipe_container_command recipe_container_command_args recipe_container_command_use_shell
recipe_container_port recipe_host_port recipe_replica_count
recipe_nvidia_gpu_count recipe_amd_gpu_count mig_resource_request
recipe_container_cpu_count recipe_container_memory_size recipe_ephemeral_storage_size
recipe_shared_memory_volume_size_limit_in_mb
recipe_startup_probe_params recipe_liveness_probe_params recipe_readiness_probe_params
recipe_prometheus_enabled recipe_pod_autoscaling_params recipe_node_autoscaling_params
recipe_inference_gateway recipe_additional_ingress_ports service_endpoint_domain service_endpoint
input_object_storage output_object_storage input_file_system local_filesystem
recipe_node_shape recipe_use_shared_node_pool recipe_shared_node_pool_selector
shared_node_pool_custom_node_selectors recipe_node_selector_arch
recipe_node_pool_size recipe_node_boot_volume_size_in_gbs
recipe_flex_shape_ocpu_count recipe_flex_shape_memory_size_in_gbs
recipe_max_pods_per_node recipe_availability_domain recipe_public_ssh_key recipe_node_image_ocid
recipe_worker_subnet_nsg_ocid recipe_pod_subnet_ocid recipe_pod_subnet_nsg_ocid recipe_compartment_ocid
skip_capacity_validation skip_quota_validation
shared_node_pool_size shared_node_pool_shape shared_node_pool_selector
shared_node_pool_boot_volume_size_in_gbs shared_node_pool_flex_shape_ocpu_count
shared_node_pool_flex_shape_memory_size_in_gbs shared_node_pool_mig_config
recipe_node_name recipe_node_pool_name recipe_node_labels
multinode_num_nodes_to_use_from_shared_pool multinode_rdma_enabled_in_shared_pool
recipe_team_info team
recipe_additional_ingress_annotations recipe_disable_ingress service_endpoint_subdomain
recipe_ingress_proxy_body_size recipe_secret_mounts recipe_configmaps pvcs recipe_storage_group_id
recipe_raycluster_params`

func TestSchemaKnowsEveryUpstreamKeyOnce(t *testing.T) {
	t.Parallel()
	s := readSchema(t)
	for _, key := range strings.Fields(upstreamKeys) {
		_, property := s.Properties[key]
		_, refused := s.Refused[key]
		if property == refused {
			t.Errorf("%s: is a property: %t, is refused by name: %t", key, property, refused)
		}
	}
	for key, reason := range s.Refused {
		if !slices.Contains(strings.Fields(upstreamKeys), key) || reason == "" {
			t.Errorf("%s: want a key of the format and a reason, got %q", key, reason)
		}
	}
}

func TestTemplatesReadEveryPropertyThatIsNotIgnored(t *testing.T) {
	t.Parallel()
	text := templates(t)
	read := map[string]bool{}
	for _, match := range regexp.MustCompile(`\.Values\.(\w+)`).FindAllStringSubmatch(text, -1) {
		read[match[1]] = true
	}
	rendered := map[string]bool{}
	for key, property := range readSchema(t).Properties {
		if property.Ignored == nil {
			rendered[key] = true
		}
		for nested, has := range members(property) {
			if has && !regexp.MustCompile(`\b`+nested+`\b`).MatchString(text) {
				t.Errorf("%s.%s: no template reads it", key, nested)
			}
		}
	}
	if diff := cmp.Diff(rendered, read); diff != "" {
		t.Errorf("schema and templates differ (-schema +templates):\n%s", diff)
	}
}

func TestDefaultsAreProperties(t *testing.T) {
	t.Parallel()
	properties := readSchema(t).Properties
	for key := range loadChart(t).Helm().Values {
		if _, ok := properties[key]; !ok {
			t.Errorf("values.yaml: %s is no property of the schema", key)
		}
	}
}

func TestEveryPropertyIsDescribed(t *testing.T) {
	t.Parallel()
	var check func(pointer string, s schema)
	check = func(pointer string, s schema) {
		if s.Description == "" {
			t.Errorf("%s: no description", pointer)
		}
		if s.Ignored != nil && *s.Ignored == "" && pointer != "/$schema" {
			t.Errorf("%s: ignored without a reason", pointer)
		}
		for key, property := range s.Properties {
			check(pointer+"/"+key, property)
		}
		if s.Items != nil {
			check(pointer+"/items", *s.Items)
		}
	}
	check("", readSchema(t))
}

// What recipes are rendered into must depend on nothing else, or the plugin
// and helm would differ. Notes are printed by helm only.
func TestTemplatesDependOnTheRecipeOnly(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`\.Release\b|\.Capabilities\b|\b(lookup|now|rand\w+|uuidv4|gen\w+|tpl|getHostByName)\b`)
	for _, define := range strings.Split(code(templates(t)), "{{- define ") {
		if strings.HasPrefix(define, `"blueprint.notes`) {
			define = strings.ReplaceAll(define, ".Release.Namespace", "")
		}
		if found := forbidden.FindAllString(define, -1); found != nil {
			t.Errorf("templates use %q", found)
		}
	}
}

// members are the keys of the objects inside a property, and whether they have
// an effect.
func members(s schema) map[string]bool {
	keys := map[string]bool{}
	for key, property := range s.Properties {
		keys[key] = property.Ignored == nil
		maps.Copy(keys, members(property))
	}
	if s.Items != nil {
		maps.Copy(keys, members(*s.Items))
	}
	return keys
}

// code is a template's text without its comments.
func code(template string) string {
	return regexp.MustCompile(`(?s)\{\{-? ?/\*.*?\*/ ?-?\}\}`).ReplaceAllString(template, "")
}

// templates is the text of all templates of the chart.
func templates(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(chartDir + "/templates/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("want templates, got %d (%v)", len(files), err)
	}
	var text strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(append(data, '\n'))
	}
	return text.String()
}

// A define is one decision, short and said in a comment above it.
func TestDefinesAreShortAndExplained(t *testing.T) {
	t.Parallel()
	blocks := strings.Split(templates(t), "{{- define ")
	if len(blocks) < 2 {
		t.Fatal("no defines")
	}
	for i, block := range blocks[1:] {
		name := strings.Split(block, `"`)[1]
		above := strings.TrimSpace(blocks[i])
		if comment := above[strings.LastIndex(above, "\n")+1:]; !strings.HasPrefix(comment, "{{/* "+name) {
			t.Errorf("%s: want a comment above that begins with the name, got %q", name, comment)
		}
		body, _, _ := strings.Cut(block, "\n\n")
		if lines := strings.Count(strings.TrimSpace(body), "\n") + 1; lines > 25 {
			t.Errorf("%s has %d lines", name, lines)
		}
	}
}
