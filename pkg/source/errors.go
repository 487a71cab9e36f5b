package source

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error is one fault of a document.
type Error struct {
	File    string
	Pos     Position
	Pointer string // JSON Pointer to the value, where there is one
	Message string // what is wrong and what is wanted; never the value itself
	Hint    string // how to fix it, or empty
	Rule    string // the id of the rule that finds the fault, where it has one
	Omitted int    // the number of further errors of the file that this one stands for, or 0
}

// Error returns the lines of e.
func (e *Error) Error() string { return strings.Join(e.Lines(), "\n") }

// Lines returns "file:line:col: /pointer: message [rule]", as far as these are
// known, and the hint.
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

// maxShown limits the faults that are reported of one file. So many faults usually repeat
// one mistake.
const maxShown = 20

// Errors is every fault of some documents, in the order of their names and of
// each file.
type Errors []*Error

// Error puts each fault on a line of its own, and of a file with very many only
// the first ones.
func (es Errors) Error() string {
	var lines []string
	for _, paragraph := range es.Paragraphs() {
		lines = append(lines, paragraph...)
	}
	return strings.Join(lines, "\n")
}

// Paragraphs returns the lines of each error that Error shows.
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

// Total returns the number of errors, with those that an Error stands for.
func (es Errors) Total() int {
	total := 0
	for _, e := range es {
		total += max(1, e.Omitted)
	}
	return total
}

// Sorted returns es in its order, or nil as an error where there is no fault.
func (es Errors) Sorted() error {
	if len(es) == 0 {
		return nil
	}
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(min(a.Omitted, 1), min(b.Omitted, 1)), a.Pos.Compare(b.Pos))
	})
	return es
}

// AsErrors returns the faults in err, which is a fault itself where it holds
// none.
func AsErrors(err error) Errors {
	var problems Errors
	if err != nil && !errors.As(err, &problems) {
		return Errors{{Message: err.Error()}}
	}
	return problems
}

// ErrorAt returns an Error for the value at pointer, with its position, or with that of the
// nearest enclosing value if it does not exist.
func (d *Document) ErrorAt(pointer, format string, args ...any) *Error {
	return &Error{File: d.Name, Pos: d.Root.nearest(pointer).Pos, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
}

// WithRule gives e the id of the rule that found it.
func (e *Error) WithRule(rule string) *Error {
	e.Rule = rule
	return e
}

// Hinted gives e a hint: an imperative sentence on how to fix it.
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
