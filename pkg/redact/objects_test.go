package redact_test

import (
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// TestForObjects takes values of Secrets from a text, and of nothing else.
func TestForObjects(t *testing.T) {
	t.Parallel()
	secret := &unstructured.Unstructured{Object: map[string]any{
		"kind": "Secret", "metadata": map[string]any{"name": "recipe-app-key"},
		"data":       map[string]any{"a": "Y2FuYXJ5LW9uZQ==", "group": "cmVjaXBlLWFwcA==", "empty": "", "odd": int64(3)}, // canary-one, recipe-app
		"stringData": map[string]any{"b": "canary-two"},
	}}
	odd := &unstructured.Unstructured{Object: map[string]any{"kind": "Secret", "data": "canary"}}
	config := &unstructured.Unstructured{Object: map[string]any{"kind": "ConfigMap", "data": map[string]any{"a": "another-word"}}}
	for text, want := range map[string]string{
		"refused: canary-one, Y2FuYXJ5LW9uZQ== and canary-two": "refused: ***, *** and ***",
		`secrets "recipe-app-key" is forbidden: another-word`:  `secrets "recipe-app-key" is forbidden: another-word`,
	} {
		if got := redact.ForObjects(secret, odd, nil, config).Text(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		cause := errors.New(text)
		if err := redact.ForObjects(secret, nil).Error(cause); err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("got %v", err)
		}
	}
	if redact.ForObjects(secret).Error(nil) != nil {
		t.Error("an error of nothing")
	}
}
