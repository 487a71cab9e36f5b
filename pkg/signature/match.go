package signature

import (
	"slices"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/logline"
)

const (
	// MaxLines is the number of lines that Match reads, from the end. The cause may
	// be hundreds of lines above the last traceback.
	MaxLines = 1000
	// MaxBytes limits the size of these lines.
	MaxBytes = 1 << 20

	maxLine = 400 // bytes of a reported line
)

// Match is the signature that a log matches.
type Match struct {
	ID      string
	Cause   string // with the values from the log
	Fix     string
	Field   field.Path
	Verdict Verdict
	Line    string // the line that matches, without prefixes and colors
	Index   int    // of the line in the log

	secondary bool
}

// Match returns the signature of the last line of a log that names a cause, or nil. It
// passes over lines that only wrap another error ("see root cause above"), because no
// signature matches them.
func (t *Table) Match(lines []string) *Match {
	var secondary *Match
	size := 0
	first := max(0, len(lines)-MaxLines)
	for i := len(lines) - 1; i >= first; i-- {
		if size += len(lines[i]); size > MaxBytes {
			break
		}
		m := t.matchLine(lines[i])
		if m == nil {
			continue
		}
		m.Index = i
		if !m.secondary {
			return m
		}
		if secondary == nil {
			secondary = m
		}
	}
	return secondary
}

// matchLine returns the signature of one line of a log, which may be a JSON object
// with a message of several lines.
func (t *Table) matchLine(line string) *Match {
	line = logline.WithoutColors(line)
	if !t.literals.foundIn(line) { // much faster than the patterns
		return nil
	}
	for _, text := range slices.Backward(logline.Messages(line)) {
		if m := t.matchText(text); m != nil {
			return m
		}
	}
	return nil
}

// matchText returns the first signature of the table that matches text. Secondary
// signatures come last.
func (t *Table) matchText(text string) *Match {
	var found *Match
	for i := range t.signatures {
		s := &t.signatures[i]
		if found != nil && s.Secondary || !s.literals.foundIn(text) {
			continue
		}
		groups := s.pattern.FindStringSubmatch(text)
		if groups == nil {
			continue
		}
		found = &Match{ID: s.ID, Cause: s.fill(s.Cause, groups), Fix: s.fill(s.Fix, groups),
			Field: s.Field, Verdict: s.Verdict, Line: shorten(logline.WithoutPrefixes(text)), secondary: s.Secondary}
		if !s.Secondary {
			return found
		}
	}
	return found
}

// shorten cuts a long line.
func shorten(line string) string {
	if len(line) <= maxLine {
		return line
	}
	return strings.ToValidUTF8(line[:maxLine], "") + "…"
}
