package diff

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Save writes a plan to a file that only the user can read, because it contains the
// recipes. It does not overwrite files that are not plans.
func (p Plan) Save(ctx context.Context, file string) error {
	text, err := p.Encode()
	if err != nil {
		return err
	}
	if err = checkOverwrite(ctx, file); err == nil {
		err = replaceFile(file, text)
	}
	return err
}

// checkOverwrite returns an error for a file that is not a plan. Pipes and devices are
// not read, as they may have no end.
func checkOverwrite(ctx context.Context, name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", name)
	}
	old, err := input.ReadFile(ctx, name, source.MaxBytes)
	if err == nil && !IsPlan(old) {
		return fmt.Errorf("refusing to overwrite %s: not a plan", name)
	}
	return err
}

// replaceFile writes a file that only the user can read, completely or not at all.
func replaceFile(name string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".kubectl-blueprint-*")
	if err != nil {
		return &fs.PathError{Op: "cannot write", Path: name, Err: errors.Unwrap(err)} // not the temporary name
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
