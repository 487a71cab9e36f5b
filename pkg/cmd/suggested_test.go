package cmd_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// suggested returns the arguments of the command that ends the one line of said
// with begin in it, as a shell takes it apart.
func suggested(t *testing.T, said, begin string) []string {
	t.Helper()
	line := regexp.MustCompile(`(?m)^.*?` + regexp.QuoteMeta(begin) + `(.*)$`).FindStringSubmatch(said)
	if line == nil {
		t.Fatalf("no %q in\n%s", begin, said)
	}
	shell := exec.Command("sh", "-c", `kubectl() { printf '%s\0' "$@"; }; chmod() { printf '%s\0' "$@"; }; `+line[1])
	shell.Dir = t.TempDir()
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line[1], err, out)
	}
	if left, err := os.ReadDir(shell.Dir); err != nil || len(left) > 0 {
		t.Errorf("%s makes files: %v, %v", line[1], left, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestSuggestedCommands has a shell take apart what the plugin suggests about
// files and kubeconfigs with hostile names. Namespaces with such names are refused.
func TestSuggestedCommands(t *testing.T) {
	t.Parallel()
	const recipe = `{"recipe_mode": "service", "deployment_name": "x", "recipe_image_uri": "a", "recipe_container_port": 80}`
	const payload = `{"name": "a", "action": "create", "type": "opaque", "data": {"a": "v"}}`
	for _, name := range []string{"$(touch pwn);touch pwn", "it's `touch pwn`", "a\nb \x1b[2J\u202e", "--flag=$HOME", "a b\"c\\d"} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, name+".json")
		write := func(text string) {
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		check := func(said, begin string, want ...string) {
			t.Helper()
			if got := suggested(t, said, begin); !slices.Equal(got, want) {
				t.Errorf("the shell takes it apart as %q, want %q", got, want)
			}
		}
		write(payload)
		_, _, said := plugin.Run("", "deploy", file)
		check(said, "apply it: ", "blueprint", "secrets", "apply", file)
		_, _, said = plugin.Run("", "secrets", "apply", "--dry-run=client", file)
		check(said, "hint: ", "o=", file)
		write(recipe)
		_, _, said = plugin.Run("", "secrets", "apply", "--dry-run=client", file)
		check(said, "deploy it: ", "blueprint", "deploy", file)
		config, err := os.ReadFile(plugin.ServeAPI(t, http.HandlerFunc(emptyLists)))
		if err != nil {
			t.Fatal(err)
		}
		kubeconfig := filepath.Join(dir, "config")
		if err := os.WriteFile(kubeconfig, config, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, said = plugin.Run("", "status", "nothing", "--kubeconfig", kubeconfig, "-n", "shop", "--context", "c")
		check(said, "list all deployed recipes: ", "blueprint", "list", "-A", "--kubeconfig", kubeconfig, "--context", "c")
		_, _, said = plugin.Run("", "history", "nothing.json", "--kubeconfig", kubeconfig, "-n", "shop")
		check(said, "list the names: ", "blueprint", "list", "-n", "shop", "--kubeconfig", kubeconfig)
	}
}

// emptyLists answers as a cluster without Secrets.
func emptyLists(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(corev1.SecretList{TypeMeta: metav1.TypeMeta{Kind: "SecretList", APIVersion: "v1"}, ListMeta: metav1.ListMeta{ResourceVersion: "1"}})
}
