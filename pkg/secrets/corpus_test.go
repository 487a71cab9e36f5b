package secrets

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/corpus"
)

// TestCorpusInTheOrderOfTheDocs applies the nine published payloads one after
// the other. The last "update" of registries says create, as published, and so
// fails.
func TestCorpusInTheOrderOfTheDocs(t *testing.T) {
	t.Parallel()
	dir, c := corpus.Dir(t, "secrets"), newCluster(t)
	exists := func(name string) outcome {
		return outcome{StatusError, "AlreadyExists", "Secret '" + name + "' already exists"}
	}
	for _, step := range []struct {
		file string
		want []outcome
	}{
		{"readme-secrets-l45--hf-secret.json", []outcome{success}},
		{"hf-token-secret.json", []outcome{exists("hf-secret")}},
		{"container-registry-secret.json", []outcome{success}},
		{"example-opaque-create.json", []outcome{success}},
		{"example-opaque-update.json", []outcome{success}},
		{"example-opaque-delete.json", []outcome{success}},
		{"example-registry-create.json", []outcome{exists("iad-creds"), success}},
		{"example-registry-update.json", []outcome{exists("iad-creds"), exists("phx-creds")}},
		{"example-registry-delete.json", []outcome{success, success}},
	} {
		batch := NewBatch(c.client, c.namespace, parseFile(t, filepath.Join(dir, step.file)))
		checked, err := batch.Check(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Log(step.file)
		wantOutcomes(t, checked, step.want...)
		wantOutcomes(t, applied(t, batch), step.want...)
	}
	if names := c.names(); !names["hf-secret"] || len(names) != 1 {
		t.Errorf("Secrets at the end are %v, want hf-secret", names)
	}
}

// TestResponsesAsPublished compares with the published responses: the same
// keys and values, and others beside them.
func TestResponsesAsPublished(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for response, payload := range map[string]string{
		"create-hf-secret.json": "hf-token-secret.json",
		"create-iad-creds.json": "container-registry-secret.json",
	} {
		batch := NewBatch(c.client, c.namespace, parseFile(t, filepath.Join(corpus.Dir(t, "secrets"), payload)))
		got := remarshal(t, NewReport(applied(t, batch)))
		want := readJSON(t, filepath.Join(corpus.Dir(t, "responses"), response))
		for _, r := range got["results"].([]any) {
			result := r.(map[string]any)
			if result["namespace"] != c.namespace {
				t.Errorf("namespace is %v, want %s", result["namespace"], c.namespace)
			}
			result["namespace"] = "default"
			delete(result, "changed")
			delete(result, "keys")
		}
		if diff := cmp.Diff(want, any(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", response, diff)
		}
	}
}

func remarshal(t testing.TB, report Report) map[string]any {
	t.Helper()
	data, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

func readJSON(t testing.TB, path string) any {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}
