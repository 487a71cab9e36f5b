package secrets

import (
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestIsPayload tells payloads, even with a slip in them, from recipes.
func TestIsPayload(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`[]`:                                        true,
		`[{"name": "a", "action": "create"}]`:       true,
		`[{"name": "a", "data": {}}]`:               true,
		`{"secrets_payload": []}`:                   true,
		`{"secret_payload": []}`:                    true,
		`{"name": "a", "action": "delete"}`:         true,
		`{"recipe_mode": "job", "action": "x"}`:     false,
		`{"deployment_group": {}}`:                  false,
		`[{"pre_filled_samples": []}]`:              false,
		`{"apiVersion": "v1", "kind": "ConfigMap"}`: false,
	} {
		doc, err := source.Parse("a.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := IsPayload(doc.Root); got != want {
			t.Errorf("%s: got %t", text, got)
		}
	}
}
