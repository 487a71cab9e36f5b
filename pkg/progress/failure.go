package progress

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// Failure is why a release failed, and the line of its recipe to fix.
type Failure struct {
	*rollout.Failure
	Line string `json:"recipe,omitempty"` // file:line:col, "" if no line of the recipe causes it
	Key  string `json:"key,omitempty"`    // the key on that line, or the missing key

	Recovery Recovery `json:"recovery,omitzero"`
}

// Recovery describes what a failed deploy left, and how to undo it.
type Recovery struct {
	File     string    `json:"-"`                          // of the recipe; "" if it cannot be edited
	Revision int       `json:"previousRevision,omitempty"` // the latest whose rollout succeeded, 0 if none did
	Undo     hint.Hint `json:"undo,omitzero"`              // to roll back to it, or to remove the release
}

// hints returns what the user can do about the failure.
func (f *Failure) hints() []hint.Hint {
	hints := slices.Clone(f.Remediation.Hints)
	fix := ""
	switch {
	case f.Line != "":
		fix = "fix " + f.Line
	case f.Key != "" && f.Recovery.File != "":
		fix = "set " + f.Key + " in " + f.Recovery.File
	case f.Recovery.File != "":
		fix = "fix " + f.Recovery.File
	}
	if fix != "" {
		if slices.ContainsFunc(hints, func(h hint.Hint) bool { return h.Input != "" }) { // which is another fix
			fix = "or " + fix
		}
		hints = append(hints, hint.Hint{Text: fix + ", then run deploy again"})
	}
	if undo := f.Recovery.Undo; len(undo.Command) > 0 {
		hints = append(hints, undo)
	}
	return hints
}

// serving returns whether pods still serve while the rollout fails, or "" if nothing is
// known about them.
func (f *Failure) serving() string {
	s, revision := f.Serving, "The previous revision"
	if f.Recovery.Revision > 0 {
		revision = fmt.Sprintf("Revision %d", f.Recovery.Revision)
	}
	switch {
	case s.Previous > 0:
		return fmt.Sprintf("%s still serves (%d of %d pods).", revision, s.Previous, s.Desired)
	case f.Recovery.Revision > 0 && s.Desired > 0 && s.Newest == 0:
		return revision + " no longer serves."
	}
	return ""
}

// reportedError is a failure whose cause has been printed. Its message only names the
// release.
type reportedError struct {
	release string
	*rollout.Failure
}

func (e reportedError) Error() string {
	return e.release + ": " + e.Summary()
}

// Lines hides the lines of the failure, which have been printed.
func (e reportedError) Lines() []string { return []string{e.Error()} }

func (e reportedError) Unwrap() error { return e.Failure }

// PrintFailure writes why a release failed: object, cause, line of the recipe and
// details, then whether pods still serve and what the user can do.
func PrintFailure(w io.Writer, release string, f *Failure) {
	printLine(w, release+": "+f.Summary())
	if f.Object != "" {
		printLine(w, "  where:   "+where(f.Status))
		printLine(w, "  cause:   "+f.Text())
	}
	if line := f.SignatureLine(); line != "" {
		printLine(w, "           "+line)
	}
	if f.After != "" {
		printLine(w, "  timeout: "+f.After)
	}
	for _, s := range f.Unfinished {
		if !f.Terminal() && s.String() != f.Status.String() {
			printLine(w, "  also:    "+s.String())
		}
	}
	switch {
	case f.Line != "":
		printLine(w, "  recipe:  "+f.Line+" ("+f.Key+")")
	case f.Key != "":
		printLine(w, "  recipe:  set "+f.Key)
	}
	for _, e := range f.Details {
		printLine(w, "  "+e.From+":")
		for _, line := range e.Lines {
			printLine(w, "    "+strings.TrimRight(line, "\r"))
		}
	}
	if text := f.serving(); text != "" {
		printLine(w, text)
	}
	for _, h := range f.hints() {
		for _, line := range h.Lines() {
			printLine(w, line)
		}
	}
}

func where(s rollout.Status) string {
	text := s.Object
	if s.Container != "" {
		text += ", container " + s.Container
	}
	if s.Node != "" {
		text += ", node " + s.Node
	}
	return text
}
