package process

import (
	"bytes"
	"fmt"
	"os"
	"time"

	"k8s.io/cri-client/pkg/logs"
)

// maxLine is the length at which a container runtime splits a line, in bytes.
const maxLine = 16 << 10

// logWriter writes one stream of a process to its log, in whole lines.
type logWriter struct {
	file    *os.File
	stream  string
	pending []byte // without a newline so far
}

// Write implements io.Writer.
func (w *logWriter) Write(data []byte) (int, error) {
	w.pending = append(w.pending, data...)
	for {
		line, rest, whole := bytes.Cut(w.pending, []byte{'\n'})
		tag := "F"
		switch {
		case len(line) > maxLine:
			tag, line, rest = "P", w.pending[:maxLine], w.pending[maxLine:]
		case !whole:
			return len(data), nil
		}
		if err := w.write(tag, line); err != nil {
			return 0, err
		}
		w.pending = rest
	}
}

// flush writes what follows the last newline.
func (w *logWriter) flush() {
	if len(w.pending) > 0 {
		_ = w.write("F", w.pending)
		w.pending = nil
	}
}

// write makes one call, so that the lines of two streams do not mix.
func (w *logWriter) write(tag string, text []byte) error {
	_, err := fmt.Fprintf(w.file, "%s %s %s %s\n", time.Now().Format(logs.RFC3339NanoFixed), w.stream, tag, text)
	return err
}
