package diff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
)

// Print writes unified diffs, in git's colors if w is colored.
func Print(w io.Writer, files []File) error {
	for _, f := range files {
		for line := range strings.Lines(string(f.Diff())) {
			text := strings.TrimSuffix(line, "\n")
			if _, err := fmt.Fprintln(w, color.Text(w, lineColor(line), text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// lineColor returns git's color for a line of a diff.
func lineColor(line string) color.Code {
	switch {
	case strings.HasPrefix(line, "diff "), strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
		return color.Bold
	case line[0] == '@':
		return color.Cyan
	case line[0] == '-':
		return color.Red
	case line[0] == '+':
		return color.Green
	}
	return color.Plain
}

// RunProgram has another program compare two directories with a file for each object.
// The program must exit with 1 if there are differences. The files are as they are
// given, so they must not contain secret values.
func RunProgram(ctx context.Context, program []string, files []File, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "kubectl-blueprint-diff-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	live, deployed := filepath.Join(dir, "LIVE"), filepath.Join(dir, "DEPLOYED")
	for _, f := range files {
		if err := errors.Join(writeVersion(live, f.Object, f.Before), writeVersion(deployed, f.Object, f.After)); err != nil {
			return err
		}
	}
	process := exec.CommandContext(ctx, program[0], append(program[1:], live, deployed)...)
	process.Stdout, process.Stderr = color.Stream(stdout), color.Stream(stderr)
	err = process.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // it found differences
		return nil
	}
	if err != nil {
		return fmt.Errorf("running %s: %w", program[0], err)
	}
	return nil
}

// writeVersion writes a file for an object, if there is one.
func writeVersion(dir, object string, text []byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil || text == nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, strings.ReplaceAll(object, "/", ".")+".yaml"), text, 0o600)
}
