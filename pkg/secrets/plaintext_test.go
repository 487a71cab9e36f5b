package secrets

import (
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

func TestHasPlaintext(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"name": "a", "action": "create", "type": "opaque", "data": {"k": "v"}}`:                                   true,
		`{"name": "a", "action": "create", "type": "opaque", "data": {"k": {"valueFrom": {"env": "A"}}, "l": "v"}}`: true,
		`{"name": "a", "action": "create", "type": "opaque", "data": {"k": {"valueFrom": {"env": "A"}}}}`:           false,
		`{"name": "a", "action": "delete"}`: false,
		`{"name": "a", "action": "create", "type": "container_registry", "data": {"registry_server": "nvcr.io", "username": "u", "password": "p"}}`: true,
		`{"name": "a", "action": "create", "type": "container_registry", "data": {"registry_server": "nvcr.io", "username": "u",
			"password": {"valueFrom": {"env": "A"}}}}`: false,
	} {
		doc, err := source.Parse("a.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		ops, err := Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		if got := HasPlaintext(ops); got != want {
			t.Errorf("%s: got %v", text, got)
		}
	}
}
