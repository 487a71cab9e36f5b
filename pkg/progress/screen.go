package progress

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
)

// Escape sequences: ECMA-48, and xterm's mode for line wrapping.
// See https://invisible-island.net/xterm/ctlseqs/ctlseqs.html.
const (
	up, clearDown = "\x1b[%dA\r", "\x1b[J"
	noWrap, wrap  = "\x1b[?7l", "\x1b[?7h" // a line that is too long must not occupy two
)

// screen redraws lines at the lower end of a terminal.
type screen struct {
	file     *os.File
	stream   io.Writer // carries the colors
	restore  func()    // resets the mode of the console
	drawn    int       // lines
	lastText string
}

// newScreen returns the screen of w, or nil if w is not a terminal that
// understands escape sequences.
func newScreen(w io.Writer) *screen {
	if !color.IsTerminal(w) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	file := color.File(w)
	restore, err := enableEscapes(file)
	if err != nil {
		return nil
	}
	return &screen{file: file, stream: w, restore: restore}
}

// close removes the lines and leaves the terminal as it was.
func (s *screen) close() {
	s.clear()
	s.restore()
}

func (s *screen) size() (width, height int) {
	width, height, err := term.GetSize(int(s.file.Fd()))
	if err != nil || width == 0 || height == 0 {
		return 80, 24
	}
	return width, height
}

func (s *screen) width() int {
	width, _ := s.size()
	return width - 1
}

// draw replaces the drawn lines, as far as they fit the height of the terminal.
func (s *screen) draw(lines []string) {
	if _, height := s.size(); len(lines) > height-1 {
		hidden := len(lines) - height + 2
		lines = append(lines[:len(lines)-hidden:len(lines)-hidden], fmt.Sprintf("… and %d more lines", hidden))
	}
	text := strings.Join(lines, "\n")
	if text == s.lastText {
		return
	}
	s.clear()
	if len(lines) > 0 {
		_, _ = fmt.Fprint(s.file, noWrap, text, "\n", wrap)
	}
	s.drawn, s.lastText = len(lines), text
}

// clear removes the drawn lines.
func (s *screen) clear() {
	if s.drawn > 0 {
		_, _ = fmt.Fprintf(s.file, up+clearDown, s.drawn)
	}
	s.drawn, s.lastText = 0, ""
}
