package system_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
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

// TestHostileRecords runs every command on a namespace with such a record, or with
// one whose every text is hostile. No command panics or prints such text as it is,
// and one of them does not keep the others from being listed.
func TestHostileRecords(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(evil)
	if err != nil {
		t.Fatal(err)
	}
	records := maps.Clone(hostileRecords)
	records["evil"] = fmt.Sprintf(`{"name": "evil", "namespace": %s, "version": 1, "info": {"status": %[1]s, "description": %[1]s}, "chart": {"metadata": {"name": "blueprint"}},
		"manifest": "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: x, annotations: {recipe: 1}, labels: {app.kubernetes.io/instance: \"EVIL\\u202e\\n\"}}\n"}`, quoted)
	for name, record := range records {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := plugin.NewSandbox(t)
			putRecords(t, s.Namespace, map[string]string{name: record})
			var all strings.Builder
			for _, command := range []string{
				"list", "list -o name", "list -o json", "list -o yaml", "secrets list -o json", "__complete status ",
				"status NAME", "status NAME -o json", "status NAME -o yaml", "history NAME", "history NAME -o json", "history NAME -o yaml",
				"rollback NAME --dry-run=client", "rollback NAME 1 --dry-run=client", "rollback NAME 1 --timeout=1s", "undeploy NAME --dry-run=server", "undeploy NAME",
			} {
				command = strings.Replace(command, "NAME", name, 1)
				out, _ := plugin.Output(s.Kubeconfig, append(strings.Fields(command), "--request-timeout=20s")...)
				checkTame(t, command, out)
				all.WriteString(out)
			}
			if name == "evil" {
				checkQuoted(t, all.String())
			}
		})
	}
	s := plugin.NewSandbox(t)
	putRecords(t, s.Namespace, records)
	out, err := plugin.Output(s.Kubeconfig, "list", "-o", "json")
	var listed struct {
		Items []struct{ Metadata struct{ Name string } }
	}
	if err != nil || json.Unmarshal([]byte(out), &listed) != nil || len(listed.Items) == 0 {
		t.Errorf("list: %v\n%.2000s", err, out)
	}
}
