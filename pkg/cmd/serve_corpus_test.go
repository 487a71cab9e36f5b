package cmd_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// TestServePublishedResponses compares with the published responses, and the
// list of Secrets with testdata/responses/list.json.
func TestServePublishedResponses(t *testing.T) {
	t.Parallel()
	dir, s := corpus.Dir(t, "secrets"), startServer(t)
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
	readPublished(t, "../../testdata/responses/list.json", &want)
	entries := s.list("/secrets/")
	if len(entries) != 2 {
		t.Errorf("listed %d Secrets, want 2", len(entries))
	}
	for _, entry := range entries {
		i := slices.IndexFunc(want, func(w map[string]any) bool { return w["name"] == entry["name"] })
		if i < 0 {
			t.Fatalf("listed %v, which no payload creates", entry["name"])
		}
		wantPublished(t, s.namespace, entry, want[i])
	}
	s.stop()
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
