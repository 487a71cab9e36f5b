package system_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestCanaryInDiff changes marked credentials of every sort that the objects of
// a release can have: created, changed, unchanged and deleted, in a recipe and
// in what others wrote to its Secrets. Nothing shows them but --show-secrets.
func TestCanaryInDiff(t *testing.T) {
	t.Parallel()
	kubetest.CustomResources(t)
	p := plugin.NewSandbox(t)
	recipe := func(key, par, token string) string {
		return fmt.Sprintf(`{"recipe_mode": "service", "deployment_name": "m", "recipe_image_uri": "i", "recipe_container_port": 80,
			"recipe_container_env": [{"key": "HF_TOKEN", "value": %[3]q}], "recipe_container_command_args": ["--api-key", %[3]q, "--password=%[3]s"],
			"recipe_inference_gateway": {"model_name": "m", "api_key": %[1]q}, %[2]s "cluster": {"gateway": {"kind": "kong"}}}`, key, par, token)
	}
	const volume = `"input_object_storage": [{"par": "https://objectstorage.example.com/p/%s/n/n/b/b/o/", "mount_location": "/data", "volume_size_in_gbs": 1}],`
	one := p.Write("one.json", recipe(canaries[0], fmt.Sprintf(volume, canaries[1]), canaries[2]))
	two := p.Write("two.json", recipe(canaries[1], "", canaries[0]))
	three := p.Write("three.json", recipe(canaries[0], fmt.Sprintf(volume, canaries[2]), canaries[2]))

	external := []string{"KUBECTL_EXTERNAL_DIFF=diff -ruN"}
	var written strings.Builder
	show := func(wantCode int, env []string, args ...string) string {
		process := exec.Command("kubectl-blueprint", append(args, "-v=9")...)
		process.Env = append(append(os.Environ(), "KUBECONFIG="+p.Kubeconfig), env...)
		out, err := process.CombinedOutput()
		if code := process.ProcessState.ExitCode(); code != wantCode {
			t.Errorf("%v: code %d, %v\n%.3000s", args, code, err, out)
		}
		text := string(out)
		fmt.Fprintf(&written, "\n== %v\n%s", args, text)
		return text
	}
	show(1, nil, "diff", one)
	p.Deploy(one)
	spoil(t, p, "recipe-m-key-auth", canaries[0])
	show(0, nil, "diff", one, "-o", "json")
	for _, file := range []string{two, three} {
		show(1, nil, "diff", file)
		show(1, nil, "diff", file, "-o", "yaml")
		show(1, nil, "diff", file, "-o", "markdown")
		show(1, external, "diff", file)
	}
	deleted := show(1, nil, "diff", p.Write("plain.json", `{"recipe_mode": "service", "deployment_name": "m", "recipe_image_uri": "i", "recipe_container_port": 80}`))
	for _, want := range []string{"-  key: '***'", "-    example.com/copy: '***'", "-    example.com/label: '***'"} {
		if !strings.Contains(deleted, want) {
			t.Errorf("no %q in\n%s", want, deleted)
		}
	}
	plan := filepath.Join(p.Dir, "plan")
	show(1, nil, "diff", three, "--save-plan", plan)
	show(0, nil, "deploy", "--plan", plan, "--wait=false", "--preflight=off")
	show(1, nil, "deploy", "--plan", plan, "--wait=false", "--preflight=off")
	show(0, nil, "deploy", one, "--wait=false", "--preflight=off")
	canary.Search(t, written.String(), canaries...)
	searchUnaligned(t, written.String())

	masked := show(1, nil, "diff", two)
	for _, want := range []string{
		"-  key: '*** (before)'\n+  key: '*** (after)'", "-          value: '*** (before)'\n+          value: '*** (after)'",
		"-        - '*** (before)'\n", "+        - '*** (after)'\n", "-        - --password=*** (before)\n", "+        - --password=*** (after)\n",
		"-  par-0: '***'",
	} {
		if !strings.Contains(masked, want) {
			t.Errorf("no %q in\n%s", want, masked)
		}
	}
	_, shown, _ := p.Run("diff", two, "--show-secrets")
	for _, canary := range canaries[:2] {
		if !strings.Contains(shown, base64.StdEncoding.EncodeToString([]byte(canary))) {
			t.Errorf("--show-secrets does not show %s, so nothing was searched for:\n%s", canary, shown)
		}
	}
}

// spoil copies a Secret's value to where others put copies: kubectl apply's
// annotation, one of some tool, a label, and another object.
func spoil(t *testing.T, p *plugin.Sandbox, secret, value string) {
	t.Helper()
	core := kubetest.Client(t).CoreV1()
	encoded := base64.StdEncoding.EncodeToString([]byte(value))
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"annotations": map[string]any{
			corev1.LastAppliedConfigAnnotation: `{"data":{"key":"` + encoded + `"},"stringData":{"old":"` + value + `"}}`,
			"example.com/copy":                 "v1:" + value,
		},
		"labels": map[string]any{"example.com/label": value},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := core.Secrets(p.Namespace).Patch(t.Context(), secret, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err = core.Services(p.Namespace).Patch(t.Context(), "recipe-m", types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
}

// searchUnaligned fails t where base64 of a text with a canary in it stands,
// wherever the canary begins in it.
func searchUnaligned(t *testing.T, text string) {
	t.Helper()
	for _, canary := range canaries {
		for shift := range 3 {
			encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + canary))
			if i := strings.Index(text, encoded[4:len(encoded)-4]); i >= 0 {
				t.Errorf("%s was written in base64:\n…%s", canary, text[max(0, i-300):min(len(text), i+100)])
			}
		}
	}
}
