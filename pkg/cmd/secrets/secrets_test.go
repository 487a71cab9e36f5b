package secrets_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// canary is a secret value, which no output may have.
const canary = "c4n4ry"

// run runs a secrets command in a sandbox.
func run(t *testing.T, s *plugin.Sandbox, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	code, stdout, stderr = plugin.Run(stdin, append([]string{"secrets", "--kubeconfig", s.Kubeconfig}, args...)...)
	if strings.Contains(stdout+stderr, canary) {
		t.Errorf("%q prints a value:\n%s%s", args, stdout, stderr)
	}
	return code, stdout, stderr
}

// opaque returns an operation on an opaque Secret with one key.
func opaque(action, name string) string {
	return fmt.Sprintf(`{"name": %q, "action": %q, "type": "opaque", "data": {"key": %q}}`, name, action, canary+action)
}

// deployment creates a Deployment without pods that reads the Secret api at its start.
func deployment(t *testing.T, namespace string) {
	t.Helper()
	labels := map[string]string{"app": "web"}
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: appsv1.DeploymentSpec{
		Replicas: new(int32), Selector: &metav1.LabelSelector{MatchLabels: labels},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "main", Image: "app",
			EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "api"}}}},
		}}}},
	}}
	if _, err := kubetest.Client(t).AppsV1().Deployments(namespace).Create(t.Context(), d, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// step is a command line and what it writes, as regular expressions.
type step struct {
	args           string // PAYLOAD stands for the file
	payload        string
	code           int
	stdout, stderr string
}

// TestCommands runs the commands one after the other on Secrets that are in use.
func TestCommands(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	deployment(t, s.Namespace)
	for _, step := range []step{
		{args: "list", stderr: "^No Secrets found in namespace " + s.Namespace + `\.\n$`},
		{args: "list -o json", stdout: `^\[\]\n$`},
		{args: "apply -f PAYLOAD --dry-run=client -o yaml", payload: opaque("create", "api"), stdout: `^---\napiVersion: v1\ndata:\n  key: '?\*\*\*`},
		{args: "apply -f PAYLOAD --dry-run=server", payload: opaque("update", "api"), code: 1, stdout: "does not exist", stderr: "^error: 1 of 1 operations would fail\nhint: use action"},
		{args: "apply -f PAYLOAD", payload: "[" + opaque("create", "api") + "," + opaque("create", "spare") + "]", stdout: "create +api +success .*\ncreate +spare +success"},
		{args: "apply -f PAYLOAD", payload: opaque("create", "api"), code: 1, stdout: "api +error +Secret 'api' already exists", stderr: "^error: 1 of 1 operations failed\nhint: use action"},
		{args: "get api", stdout: `^NAME +TYPE +KEYS +USED BY +AGE\napi +Opaque +key +deployment.apps/web +\d+s\n$`},
		{args: "get spare", stdout: `\nspare +Opaque +key +<none> `},
		{args: "get api -o json", stdout: `^\{\n(?s:.*)"used_by": \[\n +\{\n +"kind": "Deployment"`},
		{args: "get api -o jsonpath={.type}/{.metadata.name}", stdout: "^Opaque/api$"},
		{args: "list -o jsonpath={.items[*].used_by[*].name}", stdout: "^web$"},
		{args: "list -o custom-columns=N:.metadata.name --no-headers", stdout: "^api\nspare\n$"},
		{args: "list --no-headers", stdout: `^api +Opaque +key +deployment.apps/web +\d+s\nspare `},
		{args: "get api missing", code: 1, stderr: `^error: secrets "missing" not found\n$`},
		{args: "list -o name", stdout: "^secret/api\nsecret/spare\n$"},
		{args: "list -l app=none", stderr: "^No Secrets found"},
		{args: "apply -f PAYLOAD", payload: `{"name": "api", "action": "delete"}`, code: 1, stdout: "is in use by deployment.apps/web", stderr: "hint: use --force to delete Secrets in use\n$"},
		{args: "apply -f PAYLOAD -o name", payload: opaque("update", "api"), stdout: "^secret/api\n$", stderr: `^Warning: running pods of deployment.apps/web still use the old value\nhint: use --restart next time, or restart them: kubectl rollout restart -n \S+ deployment.apps/web( --\S+ \S+)*\n$`},
		{args: "apply -f PAYLOAD --restart", payload: opaque("apply", "api"), stdout: "updated successfully", stderr: "^deployment.apps/web: restarted\n$"},
		{args: "apply -f PAYLOAD --restart", payload: opaque("apply", "api"), stdout: "is unchanged"},
		{args: "apply -f PAYLOAD --all-or-nothing", payload: "[" + opaque("create", "new") + "," + opaque("create", "api") + "]", code: 1, stdout: "new +not_attempted", stderr: "failed the server-side dry run; nothing was written"},
		{args: "apply -f PAYLOAD --on-error=stop", payload: "[" + opaque("create", "api") + "," + opaque("create", "new") + "]", code: 1, stdout: "new +not_attempted", stderr: "^error: 1 of 2 operations failed, 1 not attempted\n"},
		{args: "apply -f PAYLOAD --force", payload: `{"name": "api", "action": "delete"}`, stdout: "deleted successfully"},
		{args: "list -o name", stdout: "^secret/spare\n$"},
	} {
		args := strings.Fields(strings.ReplaceAll(step.args, "PAYLOAD", s.Write("payload.json", step.payload)))
		code, stdout, stderr := run(t, s, "", args...)
		if code != step.code || !matches(step.stdout, stdout) || !matches(step.stderr, stderr) {
			t.Errorf("%s\n%s: code %d, stdout\n%sstderr\n%s", step.args, step.payload, code, stdout, stderr)
		}
	}
}

// matches reports whether text matches an expression, or is empty like it.
func matches(expression, text string) bool {
	return (expression == "") == (text == "") && regexp.MustCompile(expression).MatchString(text)
}

// TestListAllNamespaces has the namespace in the first column.
func TestListAllNamespaces(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	if code, _, stderr := run(t, s, opaque("create", "api"), "apply", "-f", "-"); code != 0 {
		t.Fatal(stderr)
	}
	_, stdout, _ := run(t, s, "", "list", "-A")
	if !matches(`^NAMESPACE +NAME +TYPE +KEYS +USED BY +AGE\n`, stdout) || !matches("(?m)^"+s.Namespace+" +api +Opaque ", stdout) {
		t.Errorf("got %s", stdout)
	}
	_, stdout, _ = run(t, s, "", "list", "-A", "-o", "json")
	var entries []struct{ Namespace string }
	if err := json.Unmarshal([]byte(stdout), &entries); err != nil || len(entries) == 0 {
		t.Errorf("got %v in %s", err, stdout)
	}
}

// TestFormats prints lists in the formats of kubectl, and completes names of Secrets and
// values of flags.
func TestFormats(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	for _, name := range []string{"api", "app"} {
		if code, _, stderr := run(t, s, opaque("create", name), "apply", "-f", "-"); code != 0 {
			t.Fatal(stderr)
		}
	}
	for args, want := range map[string]string{
		"list -o name": "secret/api\nsecret/app\n",
		"list -o custom-columns=N:.name,T:.type --no-headers": "api   Opaque\napp   Opaque\n",
		"list -o jsonpath={.items[*].name}":                   "api app",
		"get app -o jsonpath={.type}":                         "Opaque",
	} {
		if code, stdout, stderr := run(t, s, "", strings.Fields(args)...); code != 0 || stdout != want {
			t.Errorf("%s: code %d, got %q, want %q\n%s", args, code, stdout, want, stderr)
		}
	}
	for args, want := range map[string]string{
		"get a":                      "api\napp\n",
		"get api a":                  "app\n",
		"verify ap":                  "api\napp\n",
		"apply --on-error=":          "continue\nstop\n",
		"apply --dry-run=":           "none\nclient\nserver\n",
		"apply nothing-but-files-in": "json\nyaml\nyml\n",
	} {
		_, stdout, _ := plugin.Run("", append([]string{"__complete", "--kubeconfig", s.Kubeconfig, "-n", s.Namespace, "secrets"}, strings.Fields(args)...)...)
		if got, _, _ := strings.Cut(stdout, ":"); got != want {
			t.Errorf("%s: completes %q, want %q", args, got, want)
		}
	}
}

// TestVerify logs in with a payload and with pull secrets of the cluster.
func TestVerify(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	server := plugin.NewRegistry(t)
	pull := func(name, password string) string {
		return fmt.Sprintf(`{"name": %q, "action": "create", "type": "container_registry", "data": {"registry_server": %q, "username": "robot", "password": %q}}`, name, server, password)
	}
	payload := s.Write("pull.json", "["+pull("right", plugin.RegistryPassword)+","+pull("wrong", canary)+"]")
	const table = `^SECRET +KEY +SERVER +RESULT +MESSAGE\nright +\.dockerconfigjson +\S+ +ok +\nwrong +\.dockerconfigjson +\S+ +bad-credentials +.*\n$`
	code, stdout, stderr := run(t, s, "", "verify", "-f", payload)
	if code != 1 || !matches(table, stdout) || stderr != "error: 1 of 2 logins failed\n" {
		t.Errorf("payload: code %d, %s%s", code, stdout, stderr)
	}
	if code, _, stderr := run(t, s, "", "apply", "-f", payload); code != 0 {
		t.Fatal(stderr)
	}
	code, stdout, stderr = run(t, s, "", "verify", "right", "wrong")
	if code != 1 || !matches(table, stdout) || stderr != "error: 1 of 2 logins failed\n" {
		t.Errorf("cluster: code %d, %s%s", code, stdout, stderr)
	}
	code, stdout, stderr = run(t, s, "", "verify", "right", "-o", "json")
	var results struct{ Items []map[string]string }
	if err := json.Unmarshal([]byte(stdout), &results); err != nil || code != 0 || len(results.Items) != 1 || results.Items[0]["result"] != "ok" || results.Items[0]["registry_server"] != server {
		t.Errorf("JSON: code %d, %v, %s%s", code, err, stdout, stderr)
	}
}

// TestUsage refuses command lines before anything is sent.
func TestUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := &plugin.Sandbox{Dir: dir, Kubeconfig: filepath.Join(dir, "none")}
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	blank := write("blank.json", `{"name": "a", "action": "create", "type": "opaque", "data": {"key": " c4n4ry"}}`)
	recipe := write("recipe.json", `{"recipe_mode": "job"}`)
	for args, want := range map[string]string{
		"apply":                               "^error: requires at least 1 file",
		"apply extra":                         `^error: cannot read extra: no such file`,
		"apply -f - --on-error=never":         `^error: --on-error must be "continue" or "stop"\n$`,
		"apply -f - -o wide":                  `^error: invalid output format "wide": must be one of json, yaml, name\n$`,
		"apply -f " + recipe:                  `recipe.json:1:1: must be a secrets payload, got a recipe\nhint: deploy it: kubectl blueprint deploy \S+recipe.json\n$`,
		"apply --strict -f " + blank:          `^error: \S+blank.json:1:\d+: `,
		"apply --dry-run=client -f " + blank:  `^Warning: \S+blank.json:1:\d+: `,
		"verify":                              "^error: requires at least 1 argument",
		"verify a -f " + blank:                "^error: NAME and FILE cannot be used together\n$",
		"verify a " + blank:                   "^error: NAME and FILE cannot be used together\n$",
		"verify " + blank:                     `no registry credentials or model tokens in \S+blank.json\n$`,
		"verify -f " + blank:                  `no registry credentials or model tokens in \S+blank.json\n$`,
		"get":                                 "^error: requires at least 1 argument",
		"list extra":                          `^error: unexpected argument "extra"`,
		"aply":                                `^error: unknown command "aply" for "kubectl blueprint secrets"; did you mean "apply"\?\n$`,
		"apply --dry-run=client -f - -o name": "^error: ",
	} {
		_, _, stderr := run(t, s, "", strings.Fields(args)...)
		if !matches(want, stderr) {
			t.Errorf("%s: got %s", args, stderr)
		}
	}
}
