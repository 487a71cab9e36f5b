package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// readDocument reads and decodes a file; "-" is stdin.
func readDocument(ctx context.Context, name string, stdin io.Reader) (*source.Document, error) {
	data, err := readInput(ctx, name, stdin)
	if err != nil {
		return nil, err
	}
	return source.Parse(name, data)
}

// readInput reads a recipe or a payload; "-" is stdin. It reads one byte more
// than is allowed, and leaves the error to the parser.
func readInput(ctx context.Context, name string, stdin io.Reader) ([]byte, error) {
	if isURL(name) {
		return nil, errors.New("a recipe is not read from a URL: pipe it, as with curl -fsSL URL | kubectl blueprint deploy -")
	}
	return readUpTo(ctx, name, stdin, source.MaxBytes+1)
}

// readFile reads a file of at most limit bytes.
func readFile(ctx context.Context, name string, limit int64) ([]byte, error) {
	data, err := readUpTo(ctx, name, nil, limit+1)
	if err == nil && int64(len(data)) > limit {
		return nil, fmt.Errorf("%s is larger than %d MiB", name, limit>>20)
	}
	return data, err
}

// readUpTo reads no more than most bytes of a file, or of stdin for "-". It
// returns once ctx is done, also from a pipe that nobody writes to.
func readUpTo(ctx context.Context, name string, stdin io.Reader, most int64) ([]byte, error) {
	data, err := unlessDone(ctx, func() ([]byte, error) {
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
	switch {
	case errors.Is(err, errDirectory):
		return nil, fmt.Errorf("%s is a directory: name a file in it", name)
	case errors.As(err, new(*os.PathError)): // which names the file
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data, nil
}

var errDirectory = errors.New("is a directory")
