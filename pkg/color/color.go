// Package color decides whether output is colored, and colors words in it. A Writer
// carries the decision of --color and NO_COLOR to whatever prints to a stream. All
// other packages print plain text to any other writer.
package color

import (
	"fmt"
	"io"
	"os"
	"slices"

	"golang.org/x/term"
)

// Mode is the value of --color.
type Mode string

// The modes. Auto colors terminals unless NO_COLOR is set or TERM is dumb.
const (
	Auto   Mode = "auto"
	Always Mode = "always"
	Never  Mode = "never"
)

// Modes returns the modes.
func Modes() []string { return []string{string(Auto), string(Always), string(Never)} }

// Validate returns an error for an unknown mode.
func (m Mode) Validate() error {
	if !slices.Contains(Modes(), string(m)) {
		return fmt.Errorf(`--color must be "auto", "always" or "never"`)
	}
	return nil
}

// Writer is a stream that may be colored.
type Writer struct {
	io.Writer
	Mode *Mode // set by --color; nil is Never
}

// Colored reports whether text for the stream is colored. See https://no-color.org.
func (w *Writer) Colored() bool {
	if w.Mode == nil || *w.Mode != Auto {
		return w.Mode != nil && *w.Mode == Always
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && IsTerminal(w.Writer)
}

// File returns the file of a stream, or nil if it has none.
func File(stream any) *os.File {
	if w, ok := stream.(*Writer); ok {
		stream = w.Writer
	}
	file, _ := stream.(*os.File)
	return file
}

// Stream returns the stream behind a Writer, for other programs to write to.
func Stream(w io.Writer) io.Writer {
	if c, ok := w.(*Writer); ok {
		return c.Writer
	}
	return w
}

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	file := File(stream)
	return file != nil && term.IsTerminal(int(file.Fd()))
}

// Like returns a stream that writes to w and is colored if stream is.
func Like(stream, w io.Writer) *Writer {
	mode := Never
	if colored(stream) {
		mode = Always
	}
	return &Writer{Writer: w, Mode: &mode}
}

func colored(w io.Writer) bool {
	c, ok := w.(*Writer)
	return ok && c.Colored()
}

// Code is the number of an ANSI color or style (ECMA-48, SGR).
type Code string

// The codes.
const (
	Plain   Code = ""
	Bold    Code = "1"
	Red     Code = "31"
	Green   Code = "32"
	Yellow  Code = "33"
	Blue    Code = "34"
	Magenta Code = "35"
	Cyan    Code = "36"
	Gray    Code = "90"
)

// Text returns text in a color if w is a stream that is colored.
func Text(w io.Writer, code Code, text string) string {
	if code == Plain || !colored(w) {
		return text
	}
	return "\x1b[" + string(code) + "m" + text + "\x1b[0m"
}
