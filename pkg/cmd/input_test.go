package cmd_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestBadInput gives every command that reads a file every kind of bad file:
// one clear error with its place where it has one, exit code 1, nothing on
// stdout, and nothing written to the cluster.
func TestBadInput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	namespace := kubetest.Namespace(t)
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	nonsense := strings.Repeat("\x01garbage ", 10<<20/9)
	inputs := map[string]struct{ file, text, want string }{
		"missing file":     {"missing", "", `^error: cannot read \S+: no such file or directory$`},
		"directory":        {".", "", `^error: \S+( is a directory, not a file|: no .json, .yaml or .yml files found)$`},
		"empty file":       {"a.json", "", `^error: \S+a.json: must be a JSON or YAML document, got an empty file`},
		"not JSON":         {"a.json", "hello", `^error: \S+a.json:1:1: invalid JSON: must start with`},
		"truncated":        {"a.json", "{\"secrets_payload\": [\n {", `^error: \S+a.json:2:3: invalid JSON: unexpected end of file`},
		"wrong root type":  {"a.json", "42", `^error: \S+a.json:1:1: `},
		"null":             {"a.yaml", "null", `^error: \S+a.yaml:1:1: `},
		"unknown key":      {"a.json", "{\n \"hello\": 1}", `error: \S+a.json:(2:2: /hello: unknown key|1:1: not a secrets payload)`},
		"nonsense":         {"a.json", nonsense, `^error: \S+a.json:1:1: invalid JSON: `},
		"nonsense in JSON": {"a.json", "{" + nonsense + "}", `^error: \S+a.json:1:2: invalid JSON: `},
		"nonsense in YAML": {"a.yaml", nonsense, `^error: \S+a.yaml\S*: invalid YAML$`},
		"deep":             {"a.json", strings.Repeat("[", 1<<20), `^error: \S+a.json:1:\d+: must be nested at most 100 levels deep`},
		"deep in YAML":     {"a.yaml", strings.Repeat("[", 1<<16), `^error: \S+a.yaml\S*: invalid YAML$`},
		"binary":           {"a.json", "\x7fELF\xff\xfe\x00", `^error: \S+a.json:1:5: invalid UTF-8$`},
		"duplicate":        {"a.json", `{"a": 1, "a": 1}`, `^error: \S+a.json:1:10: duplicate key "a" \(first defined at 1:2\)$`},
	}
	commands := [][]string{
		{"render"}, {"deploy"}, {"deploy", "--dry-run=client"}, {"deploy", "--dry-run=server"}, {"undeploy"},
		{"secrets", "apply", "-f"}, {"secrets", "apply", "--dry-run=server", "-f"},
	}
	for name, in := range inputs {
		file := filepath.Join(t.TempDir(), in.file)
		if in.text != "" || in.file == "a.json" {
			if err := os.WriteFile(file, []byte(in.text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, command := range commands {
			if command[0] == "undeploy" && !strings.HasPrefix(in.file, "a.") {
				continue // not the name of a file
			}
			code, stdout, stderr := plugin.Run("", append(append([]string{"--kubeconfig", kubeconfig}, command...), file)...)
			if code != 1 || stdout != "" || !regexp.MustCompile(`(?m)`+in.want).MatchString(stderr) {
				t.Errorf("%s, %v: code %d, stdout %.80q, stderr\n%.400s", name, command, code, stdout, stderr)
			}
			if len(stderr) > 2000 {
				t.Errorf("%s, %v: %d bytes of errors", name, command, len(stderr))
			}
		}
	}
	left, err := kubetest.Client(t).CoreV1().Secrets(namespace).List(context.Background(), metav1.ListOptions{})
	if err != nil || len(left.Items) > 0 {
		t.Errorf("written: %v, %v", left.Items, err)
	}
}

// TestEndlessFiles reads devices and files without a bound.
func TestEndlessFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	recipe, large, payload := filepath.Join(dir, "recipe.json"), filepath.Join(dir, "large"), filepath.Join(dir, "payload.json")
	for file, text := range map[string]string{
		recipe:  `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_port": 80}`,
		payload: `{"name": "x", "action": "create", "type": "opaque", "data": {"a": {"valueFrom": {"file": "/dev/zero"}}}}`,
		large:   "",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(large, 1<<40); err != nil { // no disk has to hold it
		t.Fatal(err)
	}
	for _, tt := range []struct{ command, want string }{
		{"deploy --plan /dev/zero", "/dev/zero must be at most 64 MiB"},
		{"deploy --plan " + large, large + " must be at most 64 MiB"},
		{"render " + recipe + " --values /dev/zero", "/dev/zero: must be at most 64 MiB"},
		{"render /dev/zero", "/dev/zero: must be at most 64 MiB"},
		{"validate " + large, large + ": must be at most 64 MiB"},
		{"secrets apply --dry-run=client -f /dev/zero", "/dev/zero: must be at most 64 MiB"},
		{"secrets apply --dry-run=client -f " + payload, "must be at most 1 MiB, the limit of a Secret"},
		{"serve --token-file /dev/zero --server http://127.0.0.1:1", "/dev/zero must be at most 1 MiB"},
	} {
		code, _, stderr := plugin.Run("", strings.Fields(tt.command)...)
		if code == 0 || !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: code %d, want %q, got\n%s", tt.command, code, tt.want, stderr)
		}
	}
}
