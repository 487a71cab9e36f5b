package color

import (
	"bytes"
	"io"
	"os"
	"testing"
)

func TestText(t *testing.T) {
	always := Always
	for _, c := range []struct {
		mode    Mode
		noColor string
		want    string
	}{
		{Always, "", "\x1b[31mfailed\x1b[0m"},
		{Always, "1", "\x1b[31mfailed\x1b[0m"}, // a flag goes before the environment
		{Auto, "", "failed"},                   // a buffer is no terminal
		{Never, "", "failed"},
		{"", "", "failed"}, // before flags are parsed
	} {
		t.Setenv("NO_COLOR", c.noColor)
		if got := Text(&Writer{Writer: new(bytes.Buffer), Mode: &c.mode}, Red, "failed"); got != c.want {
			t.Errorf("%q: got %q, want %q", c.mode, got, c.want)
		}
	}
	if got := Text(new(bytes.Buffer), Red, "failed"); got != "failed" {
		t.Errorf("a plain writer got %q", got)
	}
	if got := Text(&Writer{Writer: io.Discard, Mode: &always}, Plain, "ready"); got != "ready" {
		t.Errorf("a plain code got %q", got)
	}
}

func TestLike(t *testing.T) {
	t.Parallel()
	for mode, want := range map[Mode]string{Always: "\x1b[31mfailed\x1b[0m", Auto: "failed", Never: "failed"} {
		if got := Text(Like(&Writer{Writer: io.Discard, Mode: &mode}, new(bytes.Buffer)), Red, "failed"); got != want {
			t.Errorf("%q: got %q, want %q", mode, got, want)
		}
	}
	if got := Text(Like(new(bytes.Buffer), new(bytes.Buffer)), Red, "failed"); got != "failed" {
		t.Errorf("like a plain writer: got %q", got)
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, m := range Modes() {
		if err := Mode(m).Validate(); err != nil {
			t.Errorf("%s: %v", m, err)
		}
	}
	if err := Mode("yes").Validate(); err == nil {
		t.Error("yes is accepted")
	}
}

func TestIsTerminal(t *testing.T) {
	t.Parallel()
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if IsTerminal(file) || IsTerminal(&Writer{Writer: file}) || IsTerminal(new(bytes.Buffer)) {
		t.Error("a file is a terminal")
	}
	if got := File(&Writer{Writer: file}); got != file {
		t.Errorf("got %v, want the file behind the writer", got)
	}
}
