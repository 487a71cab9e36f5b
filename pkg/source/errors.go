package source

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error is one error in a document, or a warning about it.
type Error struct {
	File    string
	Pos     Position
	Pointer string // JSON Pointer to the value, or ""
	Message string // the problem, without the value itself
	Hint    string // how to fix it, or ""
	Rule    string // the ID of the rule, or ""
	Omitted int    // the number of further errors in the file that this one represents, or 0
}

// Error returns the lines of e.
func (e *Error) Error() string { return strings.Join(e.Lines(), "\n") }

// Lines returns "file:line:col: /pointer: message [rule]", without the parts that are
// empty, and the hint on a second line.
func (e *Error) Lines() []string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(Printable(e.File))
		if e.Pos.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Pos.Line, e.Pos.Column)
		}
		b.WriteString(": ")
	}
	if e.Pointer != "" {
		b.WriteString(Printable(e.Pointer) + ": ")
	}
	b.WriteString(Printable(e.Message))
	if e.Rule != "" {
		b.WriteString(" [" + Printable(e.Rule) + "]")
	}
	if e.Hint == "" {
		return []string{b.String()}
	}
	return []string{b.String(), "hint: " + Printable(e.Hint)}
}

// maxShown limits the errors that are printed per file. More errors usually repeat one
// mistake.
const maxShown = 20

// Errors holds the errors in one or more documents, in the order of their names and
// positions.
type Errors []*Error

// Error returns one line per error and hint, for the first errors of each file.
func (es Errors) Error() string {
	var lines []string
	for _, paragraph := range es.Paragraphs() {
		lines = append(lines, paragraph...)
	}
	return strings.Join(lines, "\n")
}

// Paragraphs returns the lines of each error that Error prints.
func (es Errors) Paragraphs() [][]string {
	var all [][]string
	shown, omitted := 0, 0
	for i, e := range es {
		switch {
		case e.Omitted > 0:
			omitted += e.Omitted
		case shown < maxShown:
			shown++
			all = append(all, e.Lines())
		default:
			omitted++
		}
		if last := i == len(es)-1 || es[i+1].File != e.File; !last {
			continue
		}
		if omitted > 0 {
			all = append(all, (&Error{File: e.File, Message: moreErrors(omitted)}).Lines())
		}
		shown, omitted = 0, 0
	}
	return all
}

// Total returns the number of errors, including omitted ones.
func (es Errors) Total() int {
	total := 0
	for _, e := range es {
		total += max(1, e.Omitted)
	}
	return total
}

// Sorted sorts es and returns it, or nil if it is empty.
func (es Errors) Sorted() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(min(a.Omitted, 1), min(b.Omitted, 1)), a.Pos.Compare(b.Pos))
	})
	return es
}

// AsErrors returns the Errors in err, or one Error with its text if there are none.
func AsErrors(err error) Errors {
	var all Errors
	if err != nil && !errors.As(err, &all) {
		return Errors{{Message: err.Error()}}
	}
	return all
}

// ErrorAt returns an Error for the value at pointer, with its position, or with the
// position of the nearest enclosing value if it does not exist.
func (d *Document) ErrorAt(pointer, format string, args ...any) *Error {
	return &Error{File: d.Name, Pos: d.Root.nearest(pointer).Pos, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
}

// WithRule sets the ID of the rule, and returns e.
func (e *Error) WithRule(rule string) *Error {
	e.Rule = rule
	return e
}

// Hinted sets a hint, an imperative, and returns e.
func (e *Error) Hinted(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// ErrorAtKey returns an Error for a key of the object at pointer, with the position of the
// key.
func (d *Document) ErrorAtKey(pointer, key, format string, args ...any) *Error {
	e := d.ErrorAt(pointer, format, args...)
	e.Pointer += Pointer(key)
	if n := d.Root.Find(pointer); n != nil {
		if m := n.member(key); m != nil {
			e.Pos = m.KeyPos
		}
	}
	return e
}
