package input_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// tree creates empty files in a new directory.
func tree(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range files {
		path := filepath.Join(dir, file)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(file), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFiles(t *testing.T) {
	t.Parallel()
	dir := tree(t, "b.json", "a.YAML", "c.yml", "notes.txt", "sub/d.json", "none/notes.txt")
	under := func(files ...string) []string {
		for i, file := range files {
			files[i] = filepath.Join(dir, file)
		}
		return files
	}
	missing := filepath.Join(dir, "missing")
	for _, tt := range []struct {
		names     []string
		recursive bool
		want      []string
		err       string
	}{
		{names: []string{dir}, want: under("a.YAML", "b.json", "c.yml")},
		{names: []string{dir}, recursive: true, want: under("a.YAML", "b.json", "c.yml", "sub/d.json")},
		{names: []string{"-", "https://example.com/x/", missing}, want: []string{"-", "https://example.com/x/", missing}},
		{names: under("notes.txt", "sub"), want: under("notes.txt", "sub/d.json")},
		{names: under("none"), err: "no .json, .yaml or .yml files found"},
	} {
		got, err := input.Files(tt.names, tt.recursive)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != (tt.err == "") || err != nil && !strings.HasSuffix(err.Error(), tt.err) {
			t.Errorf("%q, recursive %t: %v (-want +got):\n%s", tt.names, tt.recursive, err, diff)
		}
	}
}

func TestIsPath(t *testing.T) {
	t.Parallel()
	for argument, want := range map[string]bool{
		"-": true, ".": true, "a.json": true, "a.YML": true, "dir/": true, `dir\a`: true, "recipe-nim": false, "llama-3.1": false, "json": false,
	} {
		if got := input.IsPath(argument); got != want {
			t.Errorf("%q: got %t", argument, got)
		}
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	dir := tree(t, "a.json")
	file := filepath.Join(dir, "a.json")
	if text, err := input.ReadFile(t.Context(), file, 6); err != nil || string(text) != "a.json" {
		t.Errorf("at the limit: %q, %v", text, err)
	}
	large := filepath.Join(dir, "large")
	if err := os.WriteFile(large, make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		large:      large + " must be at most 1 MiB",
		dir:        dir + " is a directory, not a file",
		dir + "/x": "cannot read " + dir + "/x: no such file or directory",
		"-":        "cannot read -: no such file or directory",
	} {
		if _, err := input.ReadFile(t.Context(), name, 1<<20); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestReadIsBounded reads an endless stream: one byte more than the parser accepts.
func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	name, text, err := input.Read(t.Context(), "-", endless{})
	if err != nil || name != "-" || len(text) != source.MaxBytes+1 {
		t.Errorf("got %q, %d bytes, %v", name, len(text), err)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestStdinIsReadOnce(t *testing.T) {
	t.Parallel()
	stdin := input.Stdin(t.Context(), strings.NewReader("payload"))
	if _, text, err := input.Read(t.Context(), "-", stdin); err != nil || string(text) != "payload" {
		t.Fatalf("got %q, %v", text, err)
	}
	if _, text, err := input.Read(t.Context(), "-", stdin); err == nil || err.Error() != "cannot read -: standard input can be read only once" {
		t.Errorf("second read: got %q, %v", text, err)
	}
}

// TestReadsEndWithTheirContext reads a pipe that nobody writes to.
func TestReadsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	silent, writer := io.Pipe()
	t.Cleanup(func() { _ = writer.Close() })
	reads := map[string]func(context.Context) error{
		"Read": func(ctx context.Context) error { _, _, err := input.Read(ctx, "-", silent); return err },
		"Stdin": func(ctx context.Context) error {
			_, err := io.ReadAll(input.Stdin(ctx, silent))
			return err
		},
		"Confirm": func(ctx context.Context) error {
			_, err := input.Confirm(ctx, silent, io.Discard, "Continue?")
			return err
		},
		"Prompt": func(ctx context.Context) error {
			_, err := input.Prompt(ctx, silent, io.Discard, "token")
			return err
		},
	}
	for name, read := range reads {
		ctx, cancel := context.WithCancel(t.Context())
		if name == "Prompt" { // needs a terminal, unless its context has ended
			cancel()
		}
		time.AfterFunc(20*time.Millisecond, cancel)
		err := read(ctx)
		if !errors.Is(err, context.Canceled) || !strings.HasSuffix(err.Error(), "interrupted") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, " yes \r\n": true, "y": true, "n\n": false, "\n": false, "": false, "yy\n": false} {
		var shown bytes.Buffer
		got, err := input.Confirm(t.Context(), strings.NewReader(answer), &shown, "Continue?")
		if err != nil || got != want || !strings.HasPrefix(shown.String(), "Continue? [y/N] ") {
			t.Errorf("%q: got %t, %v, shown %q", answer, got, err, &shown)
		}
		if ended := strings.HasSuffix(shown.String(), "\n"); ended == slices.Contains([]byte(answer), '\n') {
			t.Errorf("%q: shown %q", answer, &shown)
		}
	}
}

func TestPromptNeedsATerminal(t *testing.T) {
	t.Parallel()
	var shown bytes.Buffer
	if value, err := input.Prompt(t.Context(), strings.NewReader("s3cr3t\n"), &shown, "token"); err == nil || value != nil || shown.Len() > 0 {
		t.Errorf("got %q, %v, shown %q", value, err, &shown)
	}
}

func TestWorldReadable(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for mode, want := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o604: true} {
		file := filepath.Join(dir, mode.String())
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		if got := input.WorldReadable(file); got != want {
			t.Errorf("%v: got %t", mode, got)
		}
	}
	if input.WorldReadable(filepath.Join(dir, "missing")) || input.WorldReadable("/") || input.WorldReadable("-") {
		t.Error("what is no file is reported as readable")
	}
}

func TestArgument(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args             []string
		stdin, want, err string
	}{
		{args: []string{"a"}, stdin: "b", want: "a"},
		{args: []string{"-"}, stdin: "b\n", want: "b\n"},
		{stdin: "b", want: "b"},
		{stdin: " \n", err: "QUESTION is empty"},
	} {
		got, err := input.Argument(t.Context(), "QUESTION", tt.args, strings.NewReader(tt.stdin))
		if err == nil && got != tt.want || (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%q: got %q, %v", tt.args, got, err)
		}
	}
}
