// Package input reads what users name on a command line: files, directories,
// URLs, standard input and answers on a terminal. Every read is bounded and ends
// with its context, even from a pipe without a writer. Neither the names
// nor the errors it returns contain the credentials of a URL.
package input

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Read returns the text of a file, of a URL or, for "-", of stdin, and the name to
// show for it. It reads one byte more than source.Parse accepts, so that the
// parser reports what is too large.
func Read(ctx context.Context, name string, stdin io.Reader) (shown string, text []byte, err error) {
	if IsURL(name) {
		return fetch(ctx, name)
	}
	text, err = readUpTo(ctx, name, stdin, source.MaxBytes+1)
	return name, text, err
}

// ReadFile reads a file of at most limit bytes.
func ReadFile(ctx context.Context, name string, limit int64) ([]byte, error) {
	data, err := readUpTo(ctx, name, nil, limit+1)
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s must be at most %d MiB", name, limit>>20)
	}
	return data, err
}

// readUpTo reads no more than most bytes of a file, or of stdin for "-".
func readUpTo(ctx context.Context, name string, stdin io.Reader, most int64) ([]byte, error) {
	data, err := Await(ctx, func() ([]byte, error) {
		if name == "-" && stdin != nil {
			return io.ReadAll(io.LimitReader(stdin, most))
		}
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, errDirectory
		}
		return io.ReadAll(io.LimitReader(f, most))
	})
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err
	}
	switch {
	case errors.Is(err, errDirectory):
		return nil, fmt.Errorf("%s is a directory, not a file", name)
	case err != nil:
		return nil, &fs.PathError{Op: "cannot read", Path: name, Err: err}
	}
	return data, nil
}

// Argument returns the text of an optional argument with the given name. Standard input
// replaces "-", and a missing argument unless stdin is a terminal.
func Argument(ctx context.Context, name string, args []string, stdin io.Reader) (string, error) {
	if len(args) > 0 && args[0] != "-" {
		return args[0], nil
	}
	if file, ok := stdin.(*os.File); len(args) == 0 && ok && term.IsTerminal(int(file.Fd())) {
		return "", fmt.Errorf("%s is missing", name)
	}
	text, err := readUpTo(ctx, "-", stdin, source.MaxBytes)
	if err == nil && len(bytes.TrimSpace(text)) == 0 {
		err = fmt.Errorf("%s is empty", name)
	}
	return string(text), err
}

var errDirectory = errors.New("is a directory")
