package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ask"
)

// apiKey is the API key of the model servers.
const apiKey = "sk-c4n4ry-k3y"

// modelServer returns a recipe of the model server, which takes its API key from a Secret.
func modelServer(image string, args ...string) object {
	return service(image, object{
		"deployment_name":               "model",
		"recipe_container_command_args": append([]string{"model"}, args...),
		"recipe_environment_secrets":    []object{{"envvar_name": "VLLM_API_KEY", "secret_name": "api", "secret_key": "API_KEY"}},
	})
}

// TestAsk asks a model server with an API key from a Secret.
func TestAsk(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password), apiSecret("API_KEY", apiKey))
	recipe := l.file("model.json", modelServer(image, "-token-delay=100ms"))
	l.succeeds(l.start("deploy", recipe), l.observe(nil))

	const question = "What is a pod?"
	p := l.run("ask", "model", question, "-v=9")
	if p.code != 0 {
		t.Fatalf("exit code %d\n%s", p.code, p)
	}
	if got := p.stdout(); got != "You asked: "+question {
		t.Errorf("stdout: %q", got)
	}
	if _, ok := p.says("first token after "); !ok {
		t.Errorf("no timings:\n%s", p)
	}
	p = l.run("ask", "model", question, "-o", "json", "--system", "Be brief.")
	var answer ask.Answer
	if err := json.Unmarshal([]byte(p.stdout()), &answer); err != nil {
		t.Fatalf("%v\n%s", err, p)
	}
	// The delays before the tokens show that the answer was streamed.
	timings := answer.Timings
	if answer.Model != "test/model" || !strings.HasSuffix(answer.Answer, question) || timings.FirstTokenSeconds < 0.1 || timings.TotalSeconds-timings.FirstTokenSeconds < 0.9 {
		t.Errorf("got %+v", answer)
	}
	l.askUntilEnded()
}

// askUntilEnded ends answers that take a minute, with a timeout and with Ctrl-C.
func (l *lane) askUntilEnded() {
	l.t.Helper()
	long := strings.Repeat("word ", 600)
	slow, interrupted := l.start("ask", "model", long, "--timeout=1s"), l.start("ask", "model", long)
	if slow.wait(l); slow.code != 1 {
		l.t.Errorf("timeout: exit code %d", slow.code)
	}
	if err := interrupted.cmd.Process.Signal(os.Interrupt); err != nil {
		l.t.Fatal(err)
	}
	if interrupted.wait(l); interrupted.code != 130 {
		l.t.Errorf("Ctrl-C: exit code %d", interrupted.code)
	}
	for words, p := range map[string]*process{"error: recipe-model: no complete answer within 1s": slow, "error: interrupted": interrupted} {
		if _, ok := p.says(words); !ok || !strings.HasPrefix(p.stdout(), "You asked: word ") {
			l.t.Errorf("does not say %q after the start of the answer:\n%s", words, p)
		}
	}
}

// TestAskFails reports why nothing answers.
func TestAskFails(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password), apiSecret("API_KEY", apiKey))
	other := service(image, object{"deployment_name": "other"})
	// The server has another key than the Secret.
	wrong := modelServer(image, "-api-key-env=OTHER")
	wrong["recipe_container_env"] = []object{{"key": "OTHER", "value": "another"}}
	wrong["deployment_name"] = "wrong"
	// A pod without a readiness probe is ready before its server listens.
	slow := modelServer(image, "-load=1h")
	slow["deployment_name"] = "slow"
	delete(slow, "recipe_readiness_probe_params")
	o := l.observe(nil)
	var started []*process
	for name, recipe := range map[string]object{"other": other, "wrong": wrong, "slow": slow} {
		started = append(started, l.start("deploy", l.file(name+".json", recipe)))
	}
	for _, p := range started {
		l.succeeds(p, o)
	}
	for name, says := range map[string][]string{
		"other": {"error: recipe-other does not serve an OpenAI-compatible API (no /v1/models)", "kubectl port-forward -n "},
		"wrong": {`error: recipe-wrong rejected the API key from Secret "api", key "API_KEY" (HTTP 401)`, "kubectl delete pod -n "},
		"slow":  {"error: recipe-slow: nothing listens on port 8000 of pod/recipe-slow-", "kubectl blueprint logs -n "},
	} {
		p := l.run("ask", name, "Hello", "-v=9")
		if p.code != 1 || p.stdout() != "" {
			t.Errorf("%s: exit code %d, stdout %q", name, p.code, p.stdout())
		}
		for _, words := range says {
			if _, ok := p.says(words); !ok {
				t.Errorf("%s: does not say %q:\n%s", name, words, p)
			}
		}
	}
}
