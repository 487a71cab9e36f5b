package secrets

import (
	"encoding/base64"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Hide returns text without the values of those of the objects that are Secrets:
// admission webhooks and policies may quote what they refuse. What is part of an
// object's name is no secret, but a word that a Secret has, too.
func Hide(text string, objects ...*unstructured.Unstructured) string {
	var values [][]byte
	for _, o := range objects {
		if o != nil && o.GetKind() == "Secret" {
			values = append(values, valuesIn(o)...)
		}
	}
	values = slices.DeleteFunc(values, func(value []byte) bool {
		return slices.ContainsFunc(objects, func(o *unstructured.Unstructured) bool {
			return o != nil && strings.Contains(o.GetName(), string(value))
		})
	})
	return scrub(text, values)
}

// HideError is err with the text that Hide returns.
func HideError(err error, objects ...*unstructured.Unstructured) error {
	if err == nil {
		return nil
	}
	if text := Hide(err.Error(), objects...); text != err.Error() {
		return quoted{err, text}
	}
	return err
}

// quoted is an error whose own words are not to be seen.
type quoted struct {
	error
	text string
}

func (q quoted) Error() string { return q.text }

func (q quoted) Unwrap() error { return q.error }

func valuesIn(secret *unstructured.Unstructured) [][]byte {
	var values [][]byte
	for _, field := range []string{"data", "stringData"} {
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
