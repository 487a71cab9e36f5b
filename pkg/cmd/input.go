package cmd

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// readDocument reads and decodes a file; "-" is stdin.
func readDocument(name string, stdin io.Reader) (*source.Document, error) {
	data, err := readInput(name, stdin)
	if err != nil {
		return nil, err
	}
	return source.Parse(name, data)
}

func readInput(name string, stdin io.Reader) ([]byte, error) {
	r := stdin
	if isURL(name) {
		return nil, errors.New("a recipe is not read from a URL: pipe it, as with curl -fsSL URL | kubectl blueprint deploy -")
	}
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return nil, fmt.Errorf("%s is a directory: name a file in it", name)
		}
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, source.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data, nil
}
