package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/docs"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/modelhub"
)

// workflow is a page of docs/workflows and what the test replaces in it.
type workflow struct {
	page      string
	namespace string
	host      string // of the image
	image     string // without the host
	model     string
}

// latePullSecret matches the lines about a pull secret that the kubelet reads only after
// it has tried to pull the image.
var latePullSecret = regexp.MustCompile(`(?m)^pod/\S+: (FailedToRetrieveImagePullSecret|container main: (ErrImagePull|ImagePullBackOff)): .*\n`)

// TestWorkflows replays pages with the model server of the tests in place of the images,
// and with a server on loopback in place of Hugging Face. With -update, it updates the
// pages.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	for _, w := range []workflow{
		{"nim.md", "nim", "nvcr.io", "nim/meta/llama-3.2-3b-instruct:1.8.5", "meta/llama-3.2-3b-instruct"},
		{"huggingface.md", "llama", "docker.io", "vllm/vllm-openai:v0.9.1", "meta-llama/Llama-3.2-3B-Instruct"},
	} {
		t.Run(w.page, func(t *testing.T) {
			t.Parallel()
			docs.Verify(t, filepath.Join("../../docs/workflows", w.page), *update, func(page docs.Page) string {
				return latePullSecret.ReplaceAllString(w.replay(t, page), "")
			})
		})
	}
}

func (w workflow) replay(t *testing.T, page docs.Page) string {
	t.Helper()
	l, r, hub := newLane(t), newRegistry(t), modelhub.New(t, password)
	r.pushAs(w.image, appImage(t))
	l.applySecrets(pullSecret(r, password)) // for images that need none where they are from
	if err := page.WriteFiles(l.dir, w.files(r).Replace); err != nil {
		t.Fatal(err)
	}
	namespace := regexp.MustCompile(`-n ` + w.namespace + `\b`)
	commands := func(command string) string { return namespace.ReplaceAllString(command, "-n "+l.namespace) }
	out := page.Replay(l.dir, []string{
		"KUBECONFIG=" + os.Getenv("BLUEPRINT_TEST_CLUSTER"), "HF_ENDPOINT=" + hub.URL,
		"NGC_API_KEY=" + password, "HF_TOKEN=" + hub.Member, "VLLM_API_KEY=sk-" + password,
	}, commands)
	if strings.Contains(out, password) {
		t.Errorf("a Secret value is printed:\n%s", out)
	}
	asked := slices.ContainsFunc(hub.Requests(), func(request string) bool { return strings.Contains(request, modelhub.Gated) })
	if w.host == "docker.io" && !asked {
		t.Errorf("the access to the model was not checked: %q", hub.Requests())
	}
	return strings.NewReplacer(l.namespace, w.namespace, r.address, w.host, modelhub.Gated, w.model, "real-node", "gpu-node-1").Replace(out)
}

// files replaces the image, its registry, and the arguments, which are those of vLLM or
// none.
func (w workflow) files(r *registry) *strings.Replacer {
	model, login := w.model, ""
	if w.host == "docker.io" { // anyone may pull it
		model, login = modelhub.Gated, `"recipe_container_secret_name": "pull", `
	}
	args := `"recipe_container_command_args": ["model", "--model", "` + model + `", "-download=3s", "-load=2s", "-capture=1s", "-answer=A GPU is a processor that runs thousands of calculations at the same time."], `
	return strings.NewReplacer(
		`"recipe_container_command_args": ["--model", "`+w.model+`"],`, "",
		`"recipe_container_port"`, args+login+`"recipe_container_port"`,
		w.host, r.address, "$oauthtoken", username,
	)
}
