package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// sayFailure writes why a release does not work: where, the cause, the line of
// the recipe, the evidence, and what to do next.
func sayFailure(w io.Writer, release string, f *failure) {
	title := " does not work:"
	if !f.Final() {
		title = " is not ready:"
	}
	sayLine(w, release+title)
	if f.Object != "" {
		sayLine(w, "  where:  "+where(f.Status))
		sayLine(w, "  cause:  "+f.Text())
	}
	if f.After != "" {
		sayLine(w, "  gave up: "+f.After)
	}
	for _, s := range f.Unfinished {
		if !f.Final() && s.String() != f.String() {
			sayLine(w, "  also:   "+s.String())
		}
	}
	switch {
	case f.Line != "":
		sayLine(w, "  recipe: "+f.Line+" ("+f.Key+")")
	case f.Key != "":
		sayLine(w, "  recipe: set "+f.Key)
	}
	for _, e := range f.Evidence {
		sayLine(w, "  "+e.From+":")
		for _, line := range e.Lines {
			sayLine(w, "    "+strings.TrimRight(line, "\r"))
		}
	}
	for _, command := range f.Advice.Next {
		sayLine(w, "  next:   "+command)
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
