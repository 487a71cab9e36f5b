package redact

import (
	"encoding/base64"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// secretFields are the fields of a Secret that hold values.
var secretFields = []string{"data", "stringData"}

// ForObjects returns a Redactor for the values of those objects that are
// Secrets. The names of all objects, their namespaces and the keys of Secrets are
// not secret. Objects may be nil.
func ForObjects(objects ...*unstructured.Unstructured) *Redactor {
	var values [][]byte
	names := map[string]bool{}
	for _, o := range objects {
		if o == nil {
			continue
		}
		names[o.GetName()], names[o.GetNamespace()] = true, true
		if IsSecret(o) {
			values = append(values, valuesOf(o, names)...)
		}
	}
	return newRedactor(values, slices.Sorted(maps.Keys(names)))
}

// valuesOf returns the values of a Secret, and adds its keys to names.
func valuesOf(secret *unstructured.Unstructured, names map[string]bool) [][]byte {
	var values [][]byte
	for _, field := range secretFields {
		texts, _ := secret.Object[field].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			names[key] = true
			text, _ := texts[key].(string)
			value := []byte(text)
			if decoded, err := base64.StdEncoding.DecodeString(text); err == nil && field == "data" {
				value = decoded
			}
			values = append(values, value)
		}
	}
	return values
}

// IsSecret reports whether o is a Secret. It accepts nil.
func IsSecret(o *unstructured.Unstructured) bool { return o != nil && o.GetKind() == "Secret" }

// MaskSecret replaces every value of a Secret by Mask.
func MaskSecret(secret *unstructured.Unstructured) {
	for _, field := range secretFields {
		values, _ := secret.Object[field].(map[string]any)
		for key := range values {
			values[key] = Mask
		}
	}
}
