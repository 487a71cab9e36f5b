package progress

import (
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// Failure is why a release failed, and the line of its recipe to fix.
type Failure struct {
	*rollout.Failure
	Line string `json:"recipe,omitempty"` // file:line:col, "" if no line of the recipe is to blame
	Key  string `json:"key,omitempty"`    // the key there, or the key that the recipe lacks
}

// reportedError is a failure whose cause was printed already. Its message only names
// the release.
type reportedError struct {
	release string
	*rollout.Failure
}

func (e reportedError) Error() string {
	if e.Terminal() {
		return e.release + " does not work"
	}
	return e.release + " is not ready: " + e.Cause
}

// Lines hides the lines of the failure, which were printed already.
func (e reportedError) Lines() []string { return []string{e.Error()} }

func (e reportedError) Unwrap() error { return e.Failure }

// PrintFailure writes why a release failed: object, cause, line of the recipe, details
// and the commands to run next.
func PrintFailure(w io.Writer, release string, f *Failure) {
	title := " does not work:"
	if !f.Terminal() {
		title = " is not ready:"
	}
	printLine(w, release+title)
	if f.Object != "" {
		printLine(w, "  where:  "+where(f.Status))
		printLine(w, "  cause:  "+f.Text())
	}
	if f.After != "" {
		printLine(w, "  gave up: "+f.After)
	}
	for _, s := range f.Unfinished {
		if !f.Terminal() && s.String() != f.String() {
			printLine(w, "  also:   "+s.String())
		}
	}
	switch {
	case f.Line != "":
		printLine(w, "  recipe: "+f.Line+" ("+f.Key+")")
	case f.Key != "":
		printLine(w, "  recipe: set "+f.Key)
	}
	for _, e := range f.Details {
		printLine(w, "  "+e.From+":")
		for _, line := range e.Lines {
			printLine(w, "    "+strings.TrimRight(line, "\r"))
		}
	}
	for _, command := range f.Remediation.Next {
		printLine(w, "  next:   "+command)
	}
}

func where(s rollout.Status) string {
	text := s.Object
	if s.Container != "" {
		text += ", container " + s.Container
	}
	if s.Node != "" {
		text += fmt.Sprintf(", on node %s", s.Node)
	}
	return text
}
