package printer

import (
	"io"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Stream writes a foreign text in parts, as they arrive. On a terminal, it escapes
// characters that act on it; into files and pipes, it writes the text unchanged.
type Stream struct {
	out      io.Writer
	terminal bool
	unended  bool // the last line has no newline
}

// NewStream returns a Stream that writes to out.
func NewStream(out io.Writer) *Stream { return &Stream{out: out, terminal: color.IsTerminal(out)} }

// Print writes a part of the text.
func (s *Stream) Print(part string) error {
	if part == "" {
		return nil
	}
	s.unended = !strings.HasSuffix(part, "\n")
	if s.terminal {
		part = source.WithoutControls(part)
	}
	_, err := io.WriteString(s.out, part)
	return err
}

// End ends the last line.
func (s *Stream) End() error {
	if !s.unended {
		return nil
	}
	s.unended = false
	_, err := io.WriteString(s.out, "\n")
	return err
}
