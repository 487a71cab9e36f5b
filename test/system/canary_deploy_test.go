package system_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// dumpAll is an external diff that shows all of the files that it is given, and
// the command line that it comes from.
const dumpAll = "#!/bin/sh\ncat $1/* $2/* /proc/$PPID/cmdline\nls -l $1 $2\necho \"$@\"\nexit 1\n"

// TestCanaryInDeploys runs every command of a deployed recipe with its flags. One
// canary is in a Secret of the cluster and its annotations, one in a payload, one
// in the recipe, which Helm's release and a plan hold, and nothing else.
func TestCanaryInDeploys(t *testing.T) {
	t.Parallel()
	s := plugin.NewSandbox(t)
	write := func(name, format string, args ...any) string { return s.Write(name, fmt.Sprintf(format, args...)) }
	scratch, dump := filepath.Join(s.Dir, "tmp"), s.Write("dump", dumpAll)
	if err := os.Chmod(dump, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(scratch, 0o700); err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "live", Annotations: map[string]string{
			corev1.LastAppliedConfigAnnotation: `{"stringData": {"token": "` + canaries[0] + `"}}`,
		}},
		StringData: map[string]string{"token": canaries[0]},
	}
	if _, err := kubetest.Client(t).CoreV1().Secrets(s.Namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	const recipe = `{"recipe_mode": "service", "deployment_name": "app", "recipe_image_uri": "i", "recipe_container_port": 80, "recipe_replica_count": %d, "recipe_nvidia_gpu_count": %d,
		"recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "live", "secret_key": "token"}, {"envvar_name": "B", "secret_name": "paid", "secret_key": %q}],
		"input_object_storage": [{"par": "https://objectstorage.example.com/p/%s/n/n/b/b/o/", "mount_location": "/data", "volume_size_in_gbs": 1}]}`
	payload := write("payload.json", `{"name": "paid", "action": "apply", "type": "opaque", "data": {"token": %q}}`, canaries[1])
	again := write("again.json", `{"name": "paid", "action": "create", "type": "opaque", "data": {"token": %q}}`, canaries[1])
	wrong := write("wrong.json", `{"name": "paid", "action": "apply", "type": "opaque", "data": {"token": [%q]}}`, canaries[1])
	first, second := write("first.json", recipe, 1, 0, "token", canaries[2]), write("second.json", recipe, 2, 0, "token", canaries[2]+"x")
	huge, missing := write("huge.json", recipe, 1, 99, "token", canaries[2]), write("missing.json", recipe, 1, 0, "tokne", canaries[2])
	plan, stale := filepath.Join(s.Dir, "plan"), filepath.Join(s.Dir, "stale")

	var written strings.Builder
	for _, c := range []struct {
		code int
		args []string
	}{
		{1, []string{"deploy", first}}, // no Secret paid
		{1, []string{"deploy", first, "--secrets", wrong}},
		{0, []string{"deploy", first, "--secrets", payload, "--dry-run=client"}},
		{0, []string{"deploy", first, "--secrets", payload, "--dry-run=server"}},
		{0, []string{"deploy", first, "--secrets", payload, "-o", "json"}},
		{1, []string{"deploy", first, "--secrets", again}},
		{1, []string{"deploy", first, "--secrets", payload, "--as=nobody"}},
		{0, []string{"deploy", first, "--yes"}},
		{1, []string{"deploy", missing}}, {1, []string{"deploy", missing, "--preflight=strict"}}, {1, []string{"deploy", missing, "--preflight=warn", "--timeout=20s", "--rollback-on-failure"}},
		{1, []string{"deploy", huge, "--preflight=off", "--timeout=4s", "--rollback-on-failure", "-o", "json"}},
		{1, []string{"diff", second}}, {1, []string{"diff", second, "-o", "json"}}, {1, []string{"diff", second, "-o", "yaml"}},
		{1, []string{"diff", second, "--save-plan", plan}}, {1, []string{"diff", huge, "--save-plan", stale}},
		{0, []string{"deploy", "--plan", plan, "--dry-run=server"}}, {0, []string{"deploy", "--plan", plan}}, {1, []string{"deploy", "--plan", stale}}, {1, []string{"deploy", "--plan", second}},
		{0, []string{"diff", second}},
		{0, []string{"status", "app"}}, {0, []string{"status", second, "-o", "json"}}, {0, []string{"status", "app", "-o", "yaml"}},
		{0, []string{"history", "app"}}, {0, []string{"history", "app", "-o", "json"}}, {0, []string{"history", "app", "-o", "yaml"}},
		{0, []string{"list"}}, {0, []string{"list", "-o", "json"}}, {0, []string{"list", "-o", "yaml"}}, {0, []string{"list", "-o", "name"}},
		{0, []string{"rollback", "app", "1", "--dry-run=client"}}, {0, []string{"rollback", "app", "1", "--dry-run=server"}}, {0, []string{"rollback", "app", "1"}}, {1, []string{"rollback", "app", "99"}},
		{1, []string{"undeploy", "app", "--as=nobody"}}, {0, []string{"undeploy", second, "--dry-run=server"}}, {0, []string{"undeploy", "app", "--delete-volumes"}},
		{1, []string{"status", "app"}}, {1, []string{"undeploy", first}},
	} {
		process := s.Command(append(c.args, "-v=10")...)
		process.Env = append(process.Env, "TMPDIR="+scratch, "KUBECTL_EXTERNAL_DIFF="+dump)
		out, err := process.CombinedOutput()
		if code := process.ProcessState.ExitCode(); code != c.code {
			t.Errorf("%v: %v\n%.3000s", c.args, err, out)
		}
		fmt.Fprintf(&written, "\n== %v\n%s", c.args, out)
		if c.args[0] == "rollback" && c.args[2] == "1" { // while there is a release, and what it made
			own := `{\"stringData\": {\"token\": \"` + canaries[0] // the annotation above
			canary.Search(t, strings.ReplaceAll(everything(t, s.Namespace), own, ""), canaries[:2]...)
		}
	}
	for _, want := range []string{"par-0: '***'", "secret.recipe-app-", "Secret 'paid'", "rolled back to revision"} {
		if !strings.Contains(written.String(), want) {
			t.Errorf("no %q was written: the search would find nothing", want)
		}
	}
	canary.Search(t, written.String(), canaries...)
	for _, file := range []string{plan, stale} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		canary.Search(t, string(text), canaries[:2]...)
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}
