package system_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// noise is text that can't be compressed below its entropy.
func noise(t *testing.T, size int) string {
	t.Helper()
	data := make([]byte, size*3/4)
	if _, err := rand.Read(data); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(data)
}

// configured is a recipe with ConfigMaps of these sizes.
func configured(t *testing.T, name string, sizes ...int) map[string]any {
	t.Helper()
	var maps []any
	for i, size := range sizes {
		id := string(rune('a' + i))
		maps = append(maps, map[string]any{"name": id, "mount_location": "/" + id, "data": map[string]any{"blob.txt": noise(t, size)}})
	}
	return map[string]any{"recipe_mode": "service", "deployment_name": name, "recipe_image_uri": "registry.example/app:1", "recipe_container_port": 8000, "recipe_configmaps": maps}
}

func (s *sandbox) writeJSON(name string, content any) {
	s.t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		s.t.Fatal(err)
	}
	s.Write(name, string(text))
}

// refused checks that a command fails with these words, and that it has written
// nothing: the namespace holds as many Secrets and ConfigMaps as before.
func (s *sandbox) refused(command string, words ...string) {
	s.t.Helper()
	before := s.count()
	code, stdout, stderr := s.run(command)
	want := 1
	if strings.HasPrefix(command, "diff") {
		want = 2 // 1 says that something changes
	}
	if code != want {
		s.t.Errorf("%s: exit code %d\n%s%s", command, code, stdout, stderr)
	}
	for _, word := range words {
		if !regexp.MustCompile(word).MatchString(stderr) {
			s.t.Errorf("%s: no %q in\n%s", command, word, stderr)
		}
	}
	if after := s.count(); after != before {
		s.t.Errorf("%s: wrote something: %d objects, %d before", command, after, before)
	}
}

// count returns the number of Secrets and ConfigMaps, without the one that a
// controller adds to every namespace.
func (s *sandbox) count() int {
	s.t.Helper()
	core := kubetest.Client(s.t).CoreV1()
	secrets, err := core.Secrets(s.Namespace).List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	maps, err := core.ConfigMaps(s.Namespace).List(s.t.Context(), metav1.ListOptions{FieldSelector: "metadata.name!=kube-root-ca.crt"})
	if err != nil {
		s.t.Fatal(err)
	}
	return len(secrets.Items) + len(maps.Items)
}

func TestReleaseThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	const many = 500000
	s.writeJSON("large.json", configured(t, "large", many, many, 1000, many))
	said := []string{`large\.json: recipe-large is too large for a Helm release: its record is [23](\.\d)? MiB, and at most 1 MiB`,
		`largest objects: configmap/recipe-large-[abd] \(489 KiB\), configmap/recipe-large-[abd] \(489 KiB\), configmap/recipe-large-[abd] \(489 KiB\)\n`, `\nhint: store large files on a volume`}
	for _, command := range []string{"deploy large.json", "deploy large.json --preflight=off --wait=false", "deploy large.json --dry-run=server", "diff large.json"} {
		s.refused(command, said...)
	}

	s.writeJSON("group.json", map[string]any{"deployment_group": map[string]any{"name": "g", "deployments": []any{
		map[string]any{"name": "small", "recipe": configured(t, "small", 1000)},
		map[string]any{"name": "large", "depends_on": []any{"small"}, "recipe": configured(t, "large", many, many)},
	}}})
	s.refused("deploy group.json --preflight=off", `group\.json: recipe-large is too large for a Helm release`)

	s.writeJSON("large.json", configured(t, "large", 300000))
	s.mustRun("deploy large.json --preflight=off --wait=false")
	s.writeJSON("large.json", configured(t, "large", many, many))
	s.refused("deploy large.json --preflight=off --wait=false", `recipe-large is too large for a Helm release`)
	s.mustRun("undeploy large --wait=false")
}

// TestReleaseAtTheLimitIsDeployed deploys what just fits, upgrades it and rolls it back.
func TestReleaseAtTheLimitIsDeployed(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	for range 2 {
		s.writeJSON("full.json", configured(t, "full", 440000))
		s.mustRun("deploy full.json --preflight=off --wait=false")
	}
	s.mustRun("rollback full --wait=false")
	s.mustRun("undeploy full --wait=false")
}

func TestConfigMapThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.writeJSON("huge.json", configured(t, "huge", 1000, 1200000))
	for _, command := range []string{"validate huge.json", "deploy huge.json", "render huge.json"} {
		s.refused(command, `huge\.json:1:\d+: /recipe_configmaps/1/data: must be at most 1 MiB \(1048576 bytes\) in total; .*configmap-size`)
	}
	if _, _, stderr := s.run("validate huge.json"); strings.Count(stderr, "configmap-size") != 1 {
		t.Errorf("got\n%s", stderr)
	}
}
