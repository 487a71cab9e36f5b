package cmd_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// TestServeCorpus posts the nine published payloads, one after the other, and
// compares with the published responses.
func TestServeCorpus(t *testing.T) {
	t.Parallel()
	dir, s := corpus.Dir(t, "secrets"), startServer(t)
	for i, step := range []struct {
		file     string
		status   int
		outcomes string
	}{
		{"readme-secrets-l45--hf-secret.json", 200, "1: create hf-secret success"},
		{"hf-token-secret.json", 400, "1: create hf-secret error"},
		{"container-registry-secret.json", 200, "1: create iad-creds success"},
		{"example-opaque-create.json", 200, "1: create app-config success"},
		{"example-opaque-update.json", 200, "1: update app-config success"},
		{"example-opaque-delete.json", 200, "1: delete app-config success"},
		{"example-registry-create.json", 400, "1: create iad-creds error, create phx-creds not_attempted"},
		{"example-registry-update.json", 400, "1: create iad-creds error, create phx-creds not_attempted"},
		{"example-registry-delete.json", 400, "1: delete iad-creds not_attempted, delete phx-creds error"},
	} {
		report := s.object(step.status, []string{"/secrets/", "/secrets"}[i%2], "-d", "@"+filepath.Join(dir, step.file))
		if got := outcomesOf(report, s.namespace); got != step.outcomes {
			t.Errorf("%s: %s, want %s", step.file, got, step.outcomes)
		}
	}
	s.object(200, "/secrets", "-d", `{"name": "iad-creds", "action": "delete"}`)
	s.object(200, "/secrets", "-d", "@"+filepath.Join(dir, "example-registry-create.json"))
	s.object(200, "/secrets", "-d", "@"+filepath.Join(dir, "example-registry-delete.json"))
	s.object(200, "/secrets/", "-d", `{"name": "hf-secret", "action": "delete"}`)
	for response, payload := range map[string]string{
		"create-hf-secret.json": "hf-token-secret.json",
		"create-iad-creds.json": "container-registry-secret.json",
	} {
		got := s.object(200, "/secrets/", "-H", "Content-Type: application/json", "-d", "@"+filepath.Join(dir, payload))
		var want map[string]any
		readPublished(t, filepath.Join(corpus.Dir(t, "responses"), response), &want)
		wantPublished(t, s.namespace, got["results"].([]any)[0].(map[string]any), want["results"].([]any)[0].(map[string]any))
		if got["operations_processed"] != want["operations_processed"] || len(got) != len(want) {
			t.Errorf("%s: got %v", response, got)
		}
	}
	var want []map[string]any
	readPublished(t, filepath.Join(corpus.Dir(t, "responses"), "list-fragments.json"), &want)
	for _, entry := range s.list("/secrets/") {
		wantPublished(t, s.namespace, entry, want[slices.IndexFunc(want, func(w map[string]any) bool { return w["name"] == entry["name"] })])
	}
	s.stop()
}

// outcomesOf gives the results of a report in short. Every one has to be of the
// namespace.
func outcomesOf(report map[string]any, namespace string) string {
	results, _ := report["results"].([]any)
	all := make([]string, len(results))
	for i, r := range results {
		r := r.(map[string]any)
		all[i] = fmt.Sprintf("%v %v %v", r["action"], r["name"], r["status"])
		if r["namespace"] != namespace || r["message"] == "" {
			all[i] = fmt.Sprint(r)
		}
	}
	return fmt.Sprintf("%v: %s", report["operations_processed"], strings.Join(all, ", "))
}

// wantPublished compares one result or entry with a published one: the same
// keys and values, and perhaps others beside them.
func wantPublished(t *testing.T, namespace string, got, want map[string]any) {
	t.Helper()
	got = maps.Clone(got)
	if got["namespace"] != namespace {
		t.Errorf("namespace is %v, want %s", got["namespace"], namespace)
	}
	got["namespace"] = "default"
	if text, ok := got["creation_timestamp"].(string); ok {
		created, err := time.Parse("2006-01-02 03:04 PM MST", text)
		if err != nil || time.Since(created).Abs() > time.Hour {
			t.Errorf("creation_timestamp is %s", text)
		}
		got["creation_timestamp"] = want["creation_timestamp"]
	}
	maps.DeleteFunc(got, func(key string, _ any) bool { _, published := want[key]; return !published })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%v (-want +got):\n%s", got["name"], diff)
	}
}

func readPublished(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
