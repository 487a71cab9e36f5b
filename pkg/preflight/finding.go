package preflight

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// Severity says how serious a finding is.
type Severity string

// The severities, the highest first.
const (
	Error   Severity = "error"   // the deploy cannot succeed
	Warning Severity = "warning" // the deploy may fail
	Note    Severity = "note"    // a check was skipped
)

// Finding is a problem that prevents objects from working.
type Finding struct {
	Check    string // name of the check
	Severity Severity
	Release  string // "" for several
	Object   string // kind.group/name, "" for several
	Where    string // part of the object: container, volume, field
	What     string
	Fix      hint.Hint // zero if none is known; KEYS in its text stands for the keys of Set
	Rule     string    // identifier for programs

	// Field is the field of the object that causes the problem. Values are its values,
	// the most likely cause first. They identify the line of the recipe.
	Field  field.Path
	Values []string

	// Set are the fields to set or to change.
	Set []field.Path
}

// Hint returns the fix. The function name returns the recipe key of a field; a field
// without one keeps its Kubernetes name.
func (f Finding) Hint(name func(field.Path) string) hint.Hint {
	var names []string
	for _, set := range f.Set {
		known := cmp.Or(name(set), set.Name())
		if !slices.Contains(names, known) {
			names = append(names, known)
		}
	}
	fix := f.Fix
	fix.Text = strings.ReplaceAll(fix.Text, keysWord, strings.Join(names, " and "))
	return fix
}

// keysWord is the placeholder in fixes for the keys to set.
const keysWord = "KEYS"

// String returns the finding on one line, without its fix.
func (f Finding) String() string { return string(f.Severity) + ": " + f.Message() }

// Message returns the finding on one line, without its severity and its fix.
func (f Finding) Message() string {
	parts := []string{f.Object, f.Where, f.What}
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), ": ")
}

// sorted moves the most severe findings to the front and otherwise keeps the
// order.
func sorted(findings []Finding) []Finding {
	order := []Severity{Error, Warning, Note}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Compare(slices.Index(order, a.Severity), slices.Index(order, b.Severity))
	})
	return findings
}
