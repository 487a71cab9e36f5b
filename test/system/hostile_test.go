package system_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// evil acts on a terminal in every way that text can, and begins lines that
// look like the tool's own.
const evil = "SAID\x1b[2J\x1b]52;c;ZXZpbA==\x07\r\u009b31m\u0085\u202egnp\u2066\u200b\ufe0f\x7f\nhint: EVIL\n  next:   EVIL\nerror: EVIL\n"

// acts matches what a terminal does not show as itself. Lines end with \n.
var acts = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f\x{80}-\x{a0}\p{Cf}\p{Zl}\p{Zp}\x{fe00}-\x{fe0f}]`)

// forged matches a line that foreign text begins.
var forged = regexp.MustCompile(`(?m)^\s*((hint|next|error):\s*)?EVIL`)

// checkQuoted fails t if no hostile text was printed at all, so that nothing was
// checked.
func checkQuoted(t *testing.T, out string) {
	t.Helper()
	if !strings.Contains(out, "SAID") && !strings.Contains(out, "EVIL") {
		t.Error("no hostile text was printed")
	}
}

// checkTame fails t if the output of a command acts on a terminal, has a line
// that foreign text begins, or is that of a panic.
func checkTame(t *testing.T, command, out string) {
	t.Helper()
	if strings.Contains(out, "goroutine ") {
		t.Errorf("%s panics:\n%.3000s", command, out)
	}
	if at := acts.FindString(out); at != "" {
		t.Errorf("%s prints %q:\n%.3000q", command, at, out)
	}
	if line := forged.FindString(out); line != "" {
		t.Errorf("%s: foreign text begins a line with %q:\n%s", command, line, out)
	}
}

// TestHostileFiles runs the commands that read files on files whose names, keys
// and texts are hostile.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for i, text := range []string{
		`{"name": "x", "action": "create", "type": "opaque", "data": {"a": {"valueFrom": {"prompt": %s}}}}`,
		`{"name": %s, "action": "create", "type": "opaque", "data": {"a": "open"}}`,
		`{"name": "x", "action": "create", "type": "opaque", "data": {%s: "open", "b": {"valueFrom": {"file": %[1]s}}}}`,
		`{"name": "x", "action": "create", "type": "opaque", "data": {"b": {"valueFrom": {"env": %s}}}}`,
		`{"name": "x", "action": %s, %[1]s: 1}`,
		`{"recipe_mode": "service", "deployment_name": %s, "recipe_image_uri": %[1]s, "recipe_container_command_args": [%[1]s]}`,
		`{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_env": [{"key": "A", "value": %s}]}`,
		`{"recipe_mode": %s, %[1]s: %[1]s}`,
		`{"deployment_group": {"name": %s, "deployments": [{"name": %[1]s, "recipe": {"recipe_mode": "job"}, "depends_on": [%[1]s]}]}}`,
		`{"apiVersion": "blueprint", "kind": %s}`,
		`{%s`,
	} {
		name := filepath.Join(dir, fmt.Sprintf("%d%s.json", i, strings.ReplaceAll(evil, "/", "")))
		if strings.Contains(text, "%[1]s") || strings.Contains(text, "%s") {
			text = fmt.Sprintf(text, quoted)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, name)
	}
	var all strings.Builder
	none := "--kubeconfig=" + filepath.Join(dir, "none"+evil)
	for _, file := range append(files, dir, filepath.Join(dir, evil), "http://127.0.0.1:1/"+evil) {
		for _, command := range []string{
			"validate", "validate -o json", "validate -o yaml", "validate --strict", "render", "deploy", "deploy --dry-run=client", "diff", "diff --save-plan=" + evil, "undeploy", "status",
			"secrets apply --dry-run=client -f", "secrets apply --dry-run=client -o json -f", "secrets apply --dry-run=client -o yaml -f", "secrets apply --dry-run=client -o name -f", "secrets verify -f",
			"deploy --plan", "serve --token-file", "deploy x.json --secrets", "render x.json --values", "explain", "schema", "init", "rollback x", evil,
		} {
			args := append(strings.Fields(command), file, none)
			if strings.Contains(command, evil) {
				args = []string{strings.TrimSuffix(command, evil) + evil, file, none}
			}
			_, stdout, stderr := plugin.Run("", args...)
			checkTame(t, strings.Join(args, " "), stdout+stderr)
			all.WriteString(stdout + stderr)
		}
	}
	checkQuoted(t, all.String())
}

// evilServer answers every request with status and hostile words: in a warning,
// and in the body that body makes of the request.
func evilServer(t *testing.T, body func(*http.Request) (int, any)) string {
	t.Helper()
	return plugin.ServeAPI(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Warning", `299 - "EVIL =?utf-8?q?=E2=80=AE=C2=9B?= \u202e"`)
		w.Header().Add("Warning", `299 - "EVIL `+"\u202e\u200b"+`"`)
		w.Header().Set("Content-Type", "application/json")
		status, answer := body(r)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(answer)
	}))
}

// TestHostileServer runs every command that asks a cluster against servers that
// no Kubernetes is.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recipe, payload := filepath.Join(dir, "recipe.json"), filepath.Join(dir, "payload.json")
	for file, text := range map[string]string{
		recipe:  `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_env": [{"key": "A", "value": "b"}]}`,
		payload: `[{"name": "x", "action": "create", "type": "opaque", "data": {"a": "open sesame"}}, {"name": "y", "action": "delete"}]`,
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refusal := func(code int, reason metav1.StatusReason) func(*http.Request) (int, any) {
		return func(*http.Request) (int, any) {
			return code, metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: "Failure", Message: evil, Reason: reason, Code: int32(code),
				Details: &metav1.StatusDetails{Name: evil, Kind: "namespaces", Causes: []metav1.StatusCause{{Message: evil, Field: evil}}}}
		}
	}
	lists := func(r *http.Request) (int, any) {
		secret := corev1.Secret{TypeMeta: metav1.TypeMeta{Kind: "Secret", APIVersion: "v1"}, Type: corev1.SecretType(evil), Data: map[string][]byte{evil: nil},
			ObjectMeta: metav1.ObjectMeta{Name: evil, Namespace: evil, ResourceVersion: "1", Annotations: map[string]string{"meta.helm.sh/release-name": evil}, Labels: map[string]string{"app.kubernetes.io/managed-by": "Helm"}}}
		switch {
		case strings.HasSuffix(r.URL.Path, "/secrets") && r.Method == http.MethodGet:
			return 200, corev1.SecretList{TypeMeta: metav1.TypeMeta{Kind: "SecretList", APIVersion: "v1"}, Items: []corev1.Secret{secret}}
		case strings.Contains(r.URL.Path, "/secrets"):
			return 200, secret
		}
		return refusal(403, metav1.StatusReasonForbidden)(r)
	}
	for name, body := range map[string]func(*http.Request) (int, any){
		"forbidden": refusal(403, metav1.StatusReasonForbidden), "missing": refusal(404, metav1.StatusReasonNotFound), "unauthorized": refusal(401, metav1.StatusReasonUnauthorized),
		"invalid": refusal(422, metav1.StatusReasonInvalid), "broken": refusal(500, metav1.StatusReasonInternalError), "text": func(*http.Request) (int, any) { return 418, evil }, "lists": lists,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kubeconfig := evilServer(t, body)
			var all strings.Builder
			for _, command := range []string{
				"list", "list -o json", "list -A -o yaml", "list -o name", "status x", "history x -o json", "rollback x", "undeploy x", "undeploy RECIPE", "status RECIPE -o json",
				"deploy RECIPE", "deploy RECIPE --preflight=off -o json", "deploy RECIPE --dry-run=server", "deploy RECIPE --secrets PAYLOAD", "diff RECIPE", "diff RECIPE -o json",
				"secrets list", "secrets list -o json", "secrets list -o yaml", "secrets list -A -o name", "secrets get x", "secrets get x -o json", "secrets verify x", "secrets verify x -o json",
				"secrets apply -f PAYLOAD", "secrets apply -f PAYLOAD -o json", "secrets apply -f PAYLOAD -o yaml --force", "secrets apply -f PAYLOAD -o name --preflight=off --force", "secrets apply -f PAYLOAD --dry-run=server -o yaml",
				"__complete status ",
			} {
				command = strings.NewReplacer("RECIPE", recipe, "PAYLOAD", payload).Replace(command)
				out, _ := plugin.Output(kubeconfig, append(strings.Fields(command), "--request-timeout=20s", "--namespace=default")...)
				checkTame(t, command, out)
				all.WriteString(out)
			}
			checkQuoted(t, all.String())
		})
	}
}
