package preflight

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// Severity is how sure a finding is.
type Severity string

// The severities, from bad to good.
const (
	Error   Severity = "error"   // the deploy can't work
	Warning Severity = "warning" // it probably can't, or nothing is known
	Note    Severity = "note"    // something could not be looked at from here
)

// Finding is something that keeps objects from working.
type Finding struct {
	Check    string // name of the check that made it
	Severity Severity
	Release  string // whose objects it is about, "" where it is about several
	Object   string // kind.group/name, "" where it is about several
	Where    string // in it: the container, and what of it
	What     string
	Fix      hint.Hint // zero if none is known; KEYS in its text stands for those of Set
	Rule     string    // a word for programs

	// Field is the part of a Kubernetes object that is to blame, and Values are what
	// stands there, the first to blame most: by these the line of the file is
	// found.
	Field  field.Path
	Values []string

	// Set are the parts of a Kubernetes object to set or to change.
	Set []field.Path
}

// Hint returns the fix. The function name returns how the user sets a part of
// an object; a part for which it returns "" keeps its Kubernetes name.
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

// keysWord stands in a fix for what to set.
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
