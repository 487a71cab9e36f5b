package redact

import (
	"encoding/base64"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// secretFields are the fields of a Secret that hold values.
var secretFields = []string{"data", "stringData"}

// ForObjects returns a Redactor for the values of those objects that are
// Secrets. A value that is part of an object's name is not secret. Objects may
// be nil.
func ForObjects(objects ...*unstructured.Unstructured) *Redactor {
	var values [][]byte
	for _, o := range objects {
		if IsSecret(o) {
			values = append(values, valuesIn(o)...)
		}
	}
	values = slices.DeleteFunc(values, func(value []byte) bool {
		return slices.ContainsFunc(objects, func(o *unstructured.Unstructured) bool {
			return o != nil && strings.Contains(o.GetName(), string(value))
		})
	})
	return &Redactor{values: values}
}

// IsSecret reports whether o is a Secret. A nil object is none.
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

func valuesIn(secret *unstructured.Unstructured) [][]byte {
	var values [][]byte
	for _, field := range secretFields {
		texts, _, _ := unstructured.NestedMap(secret.Object, field)
		for _, text := range texts {
			text, _ := text.(string)
			values = append(values, []byte(text))
			if value, err := base64.StdEncoding.DecodeString(text); err == nil && field == "data" {
				values = append(values, value)
			}
		}
	}
	return values
}
