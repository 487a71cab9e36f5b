package logline

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"time"
)

const (
	// maxLine is the length from which on a line is cut, in bytes.
	maxLine = 64 << 10
	// cutLine marks a line that was cut.
	cutLine = "… (truncated)"
)

// Scanner reads the log of a container with timestamps, line by line. A line ends with
// \n, or with \r as those of progress bars do.
type Scanner struct {
	lines   *bufio.Scanner
	after   time.Time
	written time.Time
	text    string
	start   bool // of a line that ends with \n, before which the kubelet writes the time
	skip    bool
}

// NewScanner returns a scanner of the lines that were written after a time, which may be
// zero.
func NewScanner(r io.Reader, after time.Time) *Scanner {
	s := &Scanner{lines: bufio.NewScanner(r), after: after, start: true}
	s.lines.Buffer(nil, maxLine+1)
	s.lines.Split((&splitter{}).split)
	return s
}

// Scan advances to the next line. It returns false at the end of the log.
func (s *Scanner) Scan() bool {
	for s.lines.Scan() {
		line := s.lines.Text()
		start := s.start
		s.start = strings.HasSuffix(line, "\n")
		s.text = strings.TrimRight(line, "\r\n")
		if !start && s.text == "" { // the end of \r\n
			continue
		}
		if start {
			s.cutTime()
		}
		if !s.skip {
			return true
		}
	}
	return false
}

// cutTime removes the time from a line.
func (s *Scanner) cutTime() {
	stamp, text, _ := strings.Cut(s.text, " ")
	written, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return
	}
	s.text, s.written = text, written
	s.skip = !s.after.IsZero() && !written.After(s.after)
}

// Text returns the line, without its time and its end.
func (s *Scanner) Text() string { return s.text }

// Written returns when the line was written, or zero if that is unknown.
func (s *Scanner) Written() time.Time { return s.written }

// Err returns the error that ended the log, if any.
func (s *Scanner) Err() error { return s.lines.Err() }

// splitter splits a log into lines. Of a line that is too long, it drops the rest.
type splitter struct{ dropping bool }

func (l *splitter) split(data []byte, atEOF bool) (int, []byte, error) {
	end := bytes.IndexAny(data, "\r\n")
	if l.dropping {
		if end < 0 {
			return len(data), nil, nil
		}
		l.dropping = false
		return end + 1, append([]byte(cutLine), data[end]), nil
	}
	switch {
	case end >= 0:
		return end + 1, data[:end+1], nil
	case len(data) > maxLine:
		l.dropping = true
		return len(data), data, nil
	case atEOF && len(data) > 0:
		return len(data), data, nil
	}
	return 0, nil, nil
}
