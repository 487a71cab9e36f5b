package diff

import (
	"encoding/base64"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// The masks of hidden values, as kubectl prints them. Their length is independent of
// the value.
const (
	hidden       = redact.Mask
	hiddenBefore = redact.Mask + " (before)"
	hiddenAfter  = redact.Mask + " (after)"
)

// mask hides the values of Secrets, values whose names suggest a credential, and copies
// of both anywhere. It still shows that a value changes.
func mask(trees []pair) {
	known := known(trees)
	for _, p := range trees {
		before, after := find(p.before, known), find(p.after, known)
		hide(before, after, hiddenBefore)
		hide(after, before, hiddenAfter)
	}
}

// known returns a Redactor for all values to hide, which other fields may contain.
func known(trees []pair) *redact.Redactor {
	var values [][]byte
	var names []string
	for _, p := range trees {
		for _, t := range []tree{p.before, p.after} {
			for _, s := range find(t, nil) {
				values = append(values, []byte(s.value))
				if decoded, err := base64.StdEncoding.DecodeString(s.value); err == nil {
					values = append(values, decoded)
				}
			}
			name, _, _ := unstructured.NestedString(t, "metadata", "name")
			names = append(names, name)
		}
	}
	return redact.New(values...).Except(names...)
}

// hide masks the values of an object. It uses the mask changed for fields whose value
// differs in the other state of the object.
func hide(own, others []secretField, changed string) {
	other := map[string]string{}
	for _, s := range others {
		other[s.address] = s.value
	}
	for _, s := range own {
		if value, ok := other[s.address]; ok && value != s.value {
			s.set(changed)
		} else {
			s.set(hidden)
		}
	}
}
