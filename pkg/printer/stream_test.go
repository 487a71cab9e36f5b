package printer

import (
	"errors"
	"io"
	"strings"
	"testing"
)

func TestStream(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		terminal bool
		parts    []string
		want     string
	}{
		{false, []string{"a\n", "", "b\x1b[2J"}, "a\nb\x1b[2J\n"},
		{true, []string{"a\n", "\tb\x1b[2J", "c\n"}, "a\n\tb\\x1b[2Jc\n"},
		{true, []string{"a\r", "\u202eb \u0085 👩‍💻 é"}, "a\\r\\u202eb \\u0085 👩‍💻 é\n"},
		{true, nil, ""},
	} {
		var out strings.Builder
		s := NewStream(&out)
		s.terminal = tt.terminal
		for _, part := range tt.parts {
			if err := s.Print(part); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(s.End(), s.End()); err != nil || out.String() != tt.want {
			t.Errorf("%q: got %q, %v, want %q", tt.parts, out.String(), err, tt.want)
		}
	}
	closed, w := io.Pipe()
	_ = closed.Close()
	if err := NewStream(w).Print("a"); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v", err)
	}
}
