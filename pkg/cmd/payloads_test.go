package cmd_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// repeated is a payload that is applied twice in a row, and the results of both
// times.
type repeated struct {
	file          string
	first, second []string
}

func created(name string) string {
	return "create " + name + " success: Secret '" + name + "' created successfully"
}

func updated(name, more string) string {
	return "update " + name + " success: Secret '" + name + "' updated successfully" + more
}

func unchanged(action, name string) string {
	return action + " " + name + " success: Secret '" + name + "' is unchanged"
}

func deleted(name string) string {
	return "delete " + name + " success: Secret '" + name + "' deleted successfully"
}

func exists(name string) string {
	return "create " + name + " error: Secret '" + name + "' already exists"
}

func absent(action, name string) string {
	return action + " " + name + " error: Secret '" + name + "' does not exist"
}

// TestPublishedPayloads applies the nine published payloads in the order of
// their documentation.
func TestPublishedPayloads(t *testing.T) {
	t.Parallel()
	both := []string{exists("iad-creds"), exists("phx-creds")}
	applyTwice(t, corpus.Dir(t, "secrets"), []repeated{
		{"readme-secrets-l45--hf-secret.json", []string{created("hf-secret")}, []string{exists("hf-secret")}},
		{"hf-token-secret.json", []string{exists("hf-secret")}, []string{exists("hf-secret")}},
		{"container-registry-secret.json", []string{created("iad-creds")}, []string{exists("iad-creds")}},
		{"example-opaque-create.json", []string{created("app-config")}, []string{exists("app-config")}},
		{"example-opaque-update.json", []string{updated("app-config", "")}, []string{unchanged("update", "app-config")}},
		{"example-opaque-delete.json", []string{deleted("app-config")}, []string{absent("delete", "app-config")}},
		{"example-registry-create.json", []string{exists("iad-creds"), created("phx-creds")}, both},
		{"example-registry-update.json", both, both},
		{"example-registry-delete.json", []string{deleted("iad-creds"), deleted("phx-creds")},
			[]string{absent("delete", "iad-creds"), absent("delete", "phx-creds")}},
	}, "hf-secret")
}

// TestPayloads does the same with payloads that have the same rules in them and
// more.
func TestPayloads(t *testing.T) {
	t.Parallel()
	const pullType = "model-pull error: Secret 'model-pull' has type container_registry, which cannot be changed; delete and recreate it"
	applyTwice(t, "../../testdata/batches", []repeated{
		{"create.json", []string{created("model-token"), created("model-pull")}, []string{exists("model-token"), exists("model-pull")}},
		{"mixed.json",
			[]string{exists("model-token"), absent("update", "absent"), "delete absent error: after operation 2, Secret 'absent' does not exist",
				"update " + pullType, updated("model-token", ", removed keys: spare"), created("cache-key"), created("scratch"), deleted("scratch")},
			[]string{exists("model-token"), absent("update", "absent"), "delete absent error: after operation 2, Secret 'absent' does not exist",
				"update " + pullType, unchanged("update", "model-token"), exists("cache-key"), created("scratch"), deleted("scratch")}},
		{"apply.yaml",
			[]string{"apply cache-key success: Secret 'cache-key' updated successfully", updated("model-token", ""),
				"apply node-key success: Secret 'node-key' created successfully"},
			[]string{unchanged("apply", "cache-key"), unchanged("update", "model-token"), unchanged("apply", "node-key")}},
		{"delete.json",
			[]string{deleted("model-token"), deleted("model-pull"), deleted("cache-key"),
				"delete node-key error: Secret 'node-key' has type opaque, not container_registry", absent("delete", "absent")},
			[]string{absent("delete", "model-token"), absent("delete", "model-pull"), absent("delete", "cache-key"),
				"delete node-key error: Secret 'node-key' has type opaque, not container_registry", absent("delete", "absent")}},
	}, "node-key")
}

// applyTwice applies the payloads of a directory with the command and over
// HTTP, each twice in a row, and compares the Secrets at the end.
func applyTwice(t *testing.T, dir string, steps []repeated, left ...string) {
	t.Helper()
	namespace := kubetest.Namespace(t)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := plugin.WriteKubeconfig(kubetest.Kubeconfig(t), kubeconfig, namespace); err != nil {
		t.Fatal(err)
	}
	server := startServer(t)
	for _, step := range steps {
		file := filepath.Join(dir, step.file)
		for i, want := range [][]string{step.first, step.second} {
			code, stdout, stderr := plugin.Run("", "secrets", "apply", "-f", file, "-o", "json", "--kubeconfig", kubeconfig)
			report, ok := wantReport(t, fmt.Sprintf("%s, time %d", step.file, i+1), namespace, []byte(stdout), want)
			if (code == 0) != ok || code > 1 {
				t.Errorf("%s, time %d: code %d with %+v\n%s", step.file, i+1, code, report, stderr)
			}
			status, body := server.curl([]string{"/secrets/", "/secrets"}[i], "--data-binary", "@"+file)
			report, ok = wantReport(t, fmt.Sprintf("%s over HTTP, time %d", step.file, i+1), server.namespace, body, want)
			if wantStatus := map[bool]int{true: http.StatusOK, false: http.StatusBadRequest}[ok]; status != wantStatus {
				t.Errorf("%s over HTTP, time %d: %d with %+v", step.file, i+1, status, report)
			}
		}
	}
	server.stop()
	for _, namespace := range []string{namespace, server.namespace} {
		found, err := kubetest.Client(t).CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range found.Items {
			names = append(names, s.Name)
		}
		if diff := cmp.Diff(left, names); diff != "" {
			t.Errorf("Secrets at the end (-want +got):\n%s", diff)
		}
	}
}

// wantReport compares a report with the results that it should have, and
// returns whether all of them are successes.
func wantReport(t *testing.T, what, namespace string, body []byte, want []string) (report secrets.Report, ok bool) {
	t.Helper()
	if err := json.Unmarshal(body, &report); err != nil {
		t.Fatalf("%s: %v in %s", what, err, body)
	}
	var got []string
	for _, r := range report.Results {
		got = append(got, fmt.Sprintf("%s %s %s: %s", r.Action, r.Name, r.Status, r.Message))
		if r.Namespace != namespace {
			t.Errorf("%s: result is %+v, want namespace %s", what, r, namespace)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || report.OperationsProcessed != len(want) {
		t.Errorf("%s: %d operations processed; results (-want +got):\n%s", what, report.OperationsProcessed, diff)
	}
	return report, report.OK()
}
