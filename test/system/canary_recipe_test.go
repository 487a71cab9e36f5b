package system_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// credentials is a group with the two keys of a recipe that hold a credential,
// %[1]s its API key and %[2]s its pre-authenticated request; %[3]s is room for
// more of the second member.
const credentials = `{"deployment_group": {"name": "g", "deployments": [
	{"name": "model", "exports": ["service_name"], "recipe": {"recipe_mode": "service", "deployment_name": "model", "recipe_image_uri": "i", "recipe_container_port": 80,
		"recipe_inference_gateway": {"model_name": "m", "api_key": %[1]q}}},
	{"name": "fetch", "recipe": {"recipe_mode": "job", "deployment_name": "fetch", "recipe_image_uri": "i", %[3]s
		"recipe_container_env": [{"key": "A", "value": "${model.service_name}"}],
		"input_object_storage": [{"par": %[2]q, "mount_location": "/data", "volume_size_in_gbs": 1}]}}]}}`

// TestCanaryInRecipes runs every command that takes recipes with marked
// credentials in clear text, with success and with each sort of fault, and
// searches what was written for them. Only --show-secrets may show them.
func TestCanaryInRecipes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	par := "https://objectstorage.example.com/p/" + canaries[1] + "/n/n/b/b/o/"
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("good.json", fmt.Sprintf(credentials, canaries[0], par, ""))
	faults := []string{
		write("keys.json", fmt.Sprintf(credentials, canaries[0], par, `"recipe_replica_cuont": "`+canaries[2]+`",`)),
		write("types.json", strings.Replace(fmt.Sprintf(credentials, canaries[0], par, ""), `"i"`, `["`+canaries[2]+`"]`, 1)),
		write("rules.json", fmt.Sprintf(credentials, canaries[0], par, `"recipe_nvidia_gpu_count": 1, "recipe_amd_gpu_count": 1, `)),
		write("par.json", fmt.Sprintf(credentials, canaries[0], "http://"+canaries[1]+"/p/"+canaries[2], "")),
		write("member.json", fmt.Sprintf(credentials, "${"+canaries[0]+".service_name}", par, "")),
		write("export.json", fmt.Sprintf(credentials, canaries[0], "${model."+canaries[1]+"}", "")),
		write("dependency.json", strings.Replace(fmt.Sprintf(credentials, canaries[0], par, ""), `"exports"`, `"depends_on": ["`+canaries[2]+`"], "exports"`, 1)),
		write("syntax.json", strings.TrimSuffix(fmt.Sprintf(credentials, canaries[0], par, ""), "}}]}}")+`, "`+canaries[2]),
	}

	kong := []string{"--set", "cluster.gateway.kind=kong"}
	type run struct {
		ok   bool
		args []string
	}
	runs := []run{
		{true, []string{"render", good}},
		{true, []string{"render", good, "-o", "dir", "--output-dir", filepath.Join(dir, "dir")}},
		{true, []string{"render", good, "-o", "kustomize", "--output-dir", filepath.Join(dir, "kustomize")}},
		{true, []string{"render", good, "-o", "helm", "--output-dir", filepath.Join(dir, "helm")}},
		{true, []string{"validate", good}},
		{false, []string{"validate", good, "--strict", "-o", "json"}},
		{true, []string{"deploy", good, "--dry-run=client"}},
	}
	for _, file := range faults {
		runs = append(runs, run{false, []string{"render", file}}, run{false, []string{"validate", file}},
			run{false, []string{"validate", file, "-o", "json"}}, run{false, []string{"deploy", file, "--dry-run=client"}},
			run{false, []string{"undeploy", file, "--server=https://127.0.0.1:1"}})
	}
	var written strings.Builder
	for _, c := range runs {
		out, err := plugin.Output(filepath.Join(dir, "no-kubeconfig"), append(append(c.args, kong...), "-v=9")...)
		if (err == nil) != c.ok {
			t.Errorf("%v: %v\n%.2000s", c.args, err, out)
		}
		fmt.Fprintf(&written, "\n== %v\n%s", c.args, out)
	}
	for _, format := range []string{"dir", "kustomize"} {
		files, err := filepath.Glob(filepath.Join(dir, format, "*"))
		if err != nil || len(files) == 0 {
			t.Fatalf("want files in %s: %v", format, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			written.Write(text)
		}
	}
	canary.Search(t, written.String(), canaries...)

	shown, err := plugin.Output(filepath.Join(dir, "no-kubeconfig"), append([]string{"render", good, "--show-secrets"}, kong...)...)
	if err != nil || !strings.Contains(shown, base64.StdEncoding.EncodeToString([]byte(canaries[0]))) {
		t.Errorf("--show-secrets shows no credentials, so nothing was searched for: %v", err)
	}
}

// TestCanaryInServerDryRun has the API server try a recipe with a credential,
// and refuse one.
func TestCanaryInServerDryRun(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	const job = `{"recipe_mode": "job", "deployment_name": "fetch", "recipe_image_uri": "i",
		"input_object_storage": [{"par": "https://objectstorage.example.com/p/%s/n/n/b/b/o/", "mount_location": "/data", "volume_size_in_gbs": 1}]}`
	file := s.Write("fetch.json", fmt.Sprintf(job, canaries[1]))
	for flag, ok := range map[string]bool{"--request-timeout=60s": true, "--as=nobody": false, "--namespace=no-such-namespace": false} {
		out, err := plugin.Output(s.Kubeconfig, "deploy", file, "--dry-run=server", "-v=9", flag)
		if (err == nil) != ok {
			t.Errorf("%s: %v\n%.3000s", flag, err, out)
		}
		if !strings.Contains(out, `"Request" verb="`) {
			t.Errorf("%s: the requests were not logged: the search would find nothing", flag)
		}
		canary.Search(t, out, canaries...)
	}
}
