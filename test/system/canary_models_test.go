package system_test

import (
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestCanaryInModelChecks has marked tokens in the cluster and in payloads, for models of
// every kind on a server that quotes them, and logs as much as possible.
func TestCanaryInModelChecks(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	hub := modelhub.New(t, canaries[0])
	tokens := map[string]string{
		"member": hub.Member, "visitor": hub.Visitor, "narrow": hub.Narrow,
		"wrong": "hf_" + canaries[0], "broken": "hf_" + canaries[0] + " é", "api-key": "nvapi-" + canaries[0],
	}
	live := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "live"}, StringData: tokens}
	if _, err := kubetest.Client(t).CoreV1().Secrets(s.Namespace).Create(t.Context(), live, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	recipe := func(model, secret, key string) string {
		return s.Write(strings.ReplaceAll(model, "/", "-")+"-"+secret+"-"+key+".json", fmt.Sprintf(`{"recipe_mode": "service", "deployment_name": "m", "recipe_image_uri": "vllm/vllm-openai:v1",
			"recipe_container_port": 80, "recipe_container_command_args": ["--model", %q], "recipe_environment_secrets": [{"envvar_name": "HF_TOKEN", "secret_name": %q, "secret_key": %q}]}`, model, secret, key))
	}
	payload := s.Write("payload.json", fmt.Sprintf(`{"name": "paid", "action": "apply", "type": "opaque", "data": {"HF_TOKEN": %q}}`, hub.Visitor))
	plain := s.Write("plain.json", fmt.Sprintf(`{"recipe_mode": "job", "deployment_name": "m", "recipe_image_uri": "vllm/vllm-openai:v1",
		"recipe_container_command_args": ["--model", %q], "recipe_container_env": [{"key": "HF_ENDPOINT", "value": "https://user:%s@mirror.example"}]}`, modelhub.Gated, canaries[0]))

	runs := [][]string{
		{"deploy", recipe(modelhub.Gated, "paid", "HF_TOKEN"), "--secrets", payload, "--dry-run=server"},
		{"deploy", plain, "--dry-run=server"},
		{"secrets", "verify", "live"}, {"secrets", "verify", "live", "-o", "json"}, {"secrets", "verify", "live", "-o", "yaml"}, {"secrets", "verify", payload},
	}
	for key := range tokens {
		for _, model := range []string{modelhub.Public, modelhub.Gated, modelhub.Waiting, modelhub.Private, modelhub.Busy, modelhub.Portal, "octo/gone"} {
			if key != "api-key" && (key == "wrong" || key == "visitor" || model == modelhub.Gated) {
				runs = append(runs, []string{"deploy", recipe(model, "live", key), "--dry-run=server", "--preflight=warn"})
			}
		}
	}
	var written strings.Builder
	for _, args := range runs {
		process := s.Command(append(args, "-v=10")...)
		process.Env = append(process.Env, "HF_ENDPOINT="+hub.URL)
		out, _ := process.CombinedOutput()
		fmt.Fprintf(&written, "\n== %v\n%s", args, out)
	}
	for _, want := range []string{
		"the account of the token has no access", "awaiting review", "no permission to read gated models", "rejects the token", "characters that no token has",
		"or private and the token has no access", "overloaded", "does not respond like", "HF_ENDPOINT is not a valid URL", `"result": "invalid-token"`, `"result": "unreachable"`,
	} {
		if !strings.Contains(written.String(), want) {
			t.Errorf("no %q was written: the search would find nothing", want)
		}
	}
	text := strings.ReplaceAll(written.String(), canaries[0]+"@mirror", "") // in the manifest that a dry run prints
	canary.Search(t, text, canaries...)
}
