package review

import (
	"encoding/base64"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// What stands for a value that is not shown, in kubectl's words. Their length
// tells nothing about that of the value.
const (
	hidden       = redact.Mask
	hiddenBefore = redact.Mask + " (before)"
	hiddenAfter  = redact.Mask + " (after)"
)

// shortest is the length from which on a hidden value is looked for in all
// other text. A shorter one stands anywhere by chance.
const shortest = 8

// mask hides the values of Secrets, what is named like a credential, and copies
// of both wherever they are. Of a value that changes it tells that it does.
func mask(trees []pair) {
	known := known(trees)
	for _, p := range trees {
		before, after := find(p.before, known), find(p.after, known)
		hide(before, after, hiddenBefore)
		hide(after, before, hiddenAfter)
	}
}

// known are the values that are to be hidden wherever they are. What is part of
// an object's name is no secret, but a common word that a Secret has, too.
func known(trees []pair) []string {
	var values, names []string
	for _, p := range trees {
		for _, t := range []tree{p.before, p.after} {
			for _, s := range find(t, nil) {
				values = append(values, copies(s.value)...)
			}
			name, _, _ := unstructured.NestedString(t, "metadata", "name")
			names = append(names, name)
		}
	}
	return slices.DeleteFunc(values, func(value string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, value) })
	})
}

// copies are the forms of a value that may stand elsewhere.
func copies(value string) []string {
	forms := []string{value, base64.StdEncoding.EncodeToString([]byte(value))}
	if decoded, err := base64.StdEncoding.DecodeString(value); err == nil {
		forms = append(forms, strings.TrimSpace(string(decoded)))
	}
	var long []string
	for _, form := range forms {
		if len(form) >= shortest {
			long = append(long, form)
		}
	}
	return long
}

// hide masks the values of an object, with other words where the other state of
// the object has another value in the same place.
func hide(own, others []slot, changed string) {
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
