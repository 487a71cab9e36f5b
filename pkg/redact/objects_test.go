package redact_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// TestMaskSecret masks all values, and keeps the keys.
func TestMaskSecret(t *testing.T) {
	t.Parallel()
	secret := &unstructured.Unstructured{Object: map[string]any{
		"kind": "Secret", "data": map[string]any{"a": "Y2FuYXJ5", "empty": ""}, "stringData": map[string]any{"b": "canary"}, "type": "Opaque",
	}}
	redact.MaskSecret(secret)
	want := map[string]any{
		"kind": "Secret", "data": map[string]any{"a": "***", "empty": "***"}, "stringData": map[string]any{"b": "***"}, "type": "Opaque",
	}
	if diff := cmp.Diff(want, secret.Object); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !redact.IsSecret(secret) || redact.IsSecret(nil) || redact.IsSecret(&unstructured.Unstructured{Object: map[string]any{"kind": "ConfigMap"}}) {
		t.Error("IsSecret is wrong")
	}
}

// TestAnd hides the values of both Redactors, but not their names.
func TestAnd(t *testing.T) {
	t.Parallel()
	one, two := redact.New([]byte("first-value")).Except("first-value-name"), redact.New([]byte("second-value"))
	both := one.And(two)
	for text, want := range map[string]string{
		"first-value and second-value":   "*** and ***",
		"first-value-name is not secret": "first-value-name is not secret",
	} {
		if got := both.Text(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := one.Text("second-value"); got != "second-value" {
		t.Errorf("And changed its receiver: got %q", got)
	}
}

// TestEchoes finds four bytes of a value, which Contains does not.
func TestEchoes(t *testing.T) {
	t.Parallel()
	r := redact.New([]byte("Open-Sesame"))
	for text, want := range map[string][2]bool{ // Echoes, Contains
		"open-sesame":           {true, true},
		"unexpected \"SESA\"":   {true, false},
		"an open door":          {true, false},
		"a closed door":         {false, false},
		"T3Blbi1TZXNhbWU= was":  {true, true},
		"Open Sesame, by words": {true, true},
		"":                      {false, false},
	} {
		if got := [2]bool{r.Echoes(text), r.Contains(text)}; got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if (&redact.Redactor{}).Contains("text") || redact.New().Echoes("text") {
		t.Error("finds a value where there is none")
	}
}
