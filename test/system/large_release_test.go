package system_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
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

func (w *world) write(t *testing.T, name string, content any) {
	t.Helper()
	text, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// refused checks that a command fails with these words, and that it has written
// nothing: the namespace holds as many Secrets and ConfigMaps as before.
func (w *world) refused(t *testing.T, command string, words ...string) {
	t.Helper()
	before := w.count(t)
	code, stdout, stderr := w.run(command)
	want := 1
	if strings.HasPrefix(command, "diff") {
		want = 2 // 1 says that something changes
	}
	if code != want {
		t.Errorf("%s: exit code %d\n%s%s", command, code, stdout, stderr)
	}
	for _, word := range words {
		if !regexp.MustCompile(word).MatchString(stderr) {
			t.Errorf("%s: no %q in\n%s", command, word, stderr)
		}
	}
	if after := w.count(t); after != before {
		t.Errorf("%s: wrote something: %d objects, %d before", command, after, before)
	}
}

// count returns the number of Secrets and ConfigMaps, without the one that a
// controller adds to every namespace.
func (w *world) count(t *testing.T) int {
	t.Helper()
	core := kubetest.Client(t).CoreV1()
	secrets, err := core.Secrets(w.namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	maps, err := core.ConfigMaps(w.namespace).List(t.Context(), metav1.ListOptions{FieldSelector: "metadata.name!=kube-root-ca.crt"})
	if err != nil {
		t.Fatal(err)
	}
	return len(secrets.Items) + len(maps.Items)
}

func TestReleaseThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const many = 500000
	w.write(t, "large.json", configured(t, "large", many, many, 1000, many))
	said := []string{`large\.json: recipe-large is too large for a Helm release: its record is [23](\.\d)? MiB, and at most 1 MiB`,
		`largest objects: configmap/recipe-large-[abd] \(489 KiB\), configmap/recipe-large-[abd] \(489 KiB\), configmap/recipe-large-[abd] \(489 KiB\)\n`, `\nhint: store large files on a volume`}
	for _, command := range []string{"deploy large.json", "deploy large.json --preflight=off --wait=false", "deploy large.json --dry-run=server", "diff large.json"} {
		w.refused(t, command, said...)
	}

	w.write(t, "group.json", map[string]any{"deployment_group": map[string]any{"name": "g", "deployments": []any{
		map[string]any{"name": "small", "recipe": configured(t, "small", 1000)},
		map[string]any{"name": "large", "depends_on": []any{"small"}, "recipe": configured(t, "large", many, many)},
	}}})
	w.refused(t, "deploy group.json --preflight=off", `group\.json: recipe-large is too large for a Helm release`)

	w.write(t, "large.json", configured(t, "large", 300000))
	w.must(t, "deploy large.json --preflight=off --wait=false")
	w.write(t, "large.json", configured(t, "large", many, many))
	w.refused(t, "deploy large.json --preflight=off --wait=false", `recipe-large is too large for a Helm release`)
	w.must(t, "undeploy large --wait=false")
}

// TestReleaseAtTheLimitIsDeployed deploys what just fits, upgrades it and rolls it back.
func TestReleaseAtTheLimitIsDeployed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		w.write(t, "full.json", configured(t, "full", 440000))
		w.must(t, "deploy full.json --preflight=off --wait=false")
	}
	w.must(t, "rollback full --wait=false")
	w.must(t, "undeploy full --wait=false")
}

func TestConfigMapThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.write(t, "huge.json", configured(t, "huge", 1000, 1200000))
	for _, command := range []string{"validate huge.json", "deploy huge.json", "render huge.json"} {
		w.refused(t, command, `huge\.json:1:\d+: /recipe_configmaps/1/data: must be at most 1 MiB \(1048576 bytes\) in total; .*configmap-size`)
	}
	if _, _, stderr := w.run("validate huge.json"); strings.Count(stderr, "configmap-size") != 1 {
		t.Errorf("got\n%s", stderr)
	}
}
