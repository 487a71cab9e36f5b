package system_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// hostileRecords are Helm releases that no Helm has made, by name.
var hostileRecords = map[string]string{
	"no-info":  `{"name": "no-info", "version": 1, "chart": {"metadata": {"name": "blueprint"}}}`,
	"null":     `null`,
	"no-chart": `{"name": "no-chart", "version": 1, "info": {"status": "deployed"}}`,
	"no-meta":  `{"name": "no-meta", "version": 1, "info": {"status": "deployed"}, "chart": {"metadata": null}}`,
	"nameless": `{"name": "nameless", "version": 1, "info": {"status": "deployed"}, "chart": {"metadata": {"name": "blueprint"}}, "config": null, "hooks": [null],
		"manifest": "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: {name: null}\n---\nkind: Job\napiVersion: batch/v1\nmetadata: null\n---\nkind: A\napiVersion: a/b/c\nmetadata: {name: q}\n"}`,
	"escapes": `{"name": "escapes", "namespace": "a\u001b[2Jb", "version": 1, "info": {"status": "dep\u001b[31mloyed", "description": "\u001b]0;x\u0007 a\nb"}, "chart": {"metadata": {"name": "blueprint"}},
		"manifest": "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: {name: \"x\\e[2J\", labels: 3, annotations: [1]}\nspec: 3\n---\nkind: List\nitems: 4\n"}`,
}

// putRecords stores releases as Helm does.
func putRecords(t *testing.T, namespace string, records map[string]string) {
	t.Helper()
	for name, record := range records {
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		if _, err := w.Write([]byte(record)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		secret := &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Name: "sh.helm.release.v1." + name + ".v1", Labels: map[string]string{"owner": "helm", "name": name, "status": "deployed", "version": "1"}},
			Type:       "helm.sh/release.v1", StringData: map[string]string{"release": base64.StdEncoding.EncodeToString(zipped.Bytes())},
		}
		if _, err := kubetest.Client(t).CoreV1().Secrets(namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestHostileRecords runs every command on a namespace with such records: each
// ends, with words, and with nothing that would move the cursor.
func TestHostileRecords(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	putRecords(t, namespace, hostileRecords)
	commands := []string{"list", "list -o name", "list -o json", "list -o yaml"}
	for name := range hostileRecords {
		for _, c := range []string{"status NAME", "history NAME", "history NAME -o yaml", "rollback NAME --dry-run=client", "rollback NAME 1 --timeout=1s", "undeploy NAME --dry-run=server", "undeploy NAME"} {
			commands = append(commands, strings.Replace(c, "NAME", name, 1))
		}
	}
	control := regexp.MustCompile(`[\x00-\x08\x0b-\x1f\x7f]`)
	for _, c := range commands {
		out, err := plugin.Output(kubeconfig, append(strings.Fields(c), "--request-timeout=20s")...)
		if strings.Contains(out, "goroutine ") || control.MatchString(out) {
			t.Errorf("%s: %v\n%.2000q", c, err, out)
		}
	}
	out, err := plugin.Output(kubeconfig, "list", "-A", "-o", "json")
	var listed []struct{ Name, Namespace string }
	if err != nil || json.Unmarshal([]byte(out), &listed) != nil {
		t.Errorf("list: %v\n%.2000s", err, out)
	}
}
