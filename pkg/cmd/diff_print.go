package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

// externalDiff is the variable that names another program, as kubectl has it.
const externalDiff = "KUBECTL_EXTERNAL_DIFF"

func (o *diffOptions) printTexts(ctx context.Context, texts []diff.File) error {
	if program := strings.Fields(os.Getenv(externalDiff)); len(program) > 0 {
		if !o.showSecrets {
			return o.runExternal(ctx, program, texts)
		}
		printer.Warn(o.streams.ErrOut, "%s is not run with --show-secrets, which would put secrets into files", externalDiff)
	}
	for _, t := range texts {
		for line := range strings.Lines(string(t.Diff())) {
			text := strings.TrimSuffix(line, "\n")
			if _, err := fmt.Fprintln(o.streams.Out, color.Text(o.streams.Out, lineColor(line), text)); err != nil {
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

// runExternal has another program compare two directories with a file for each
// object. Nothing in them is secret.
func (o *diffOptions) runExternal(ctx context.Context, program []string, texts []diff.File) error {
	dir, err := os.MkdirTemp("", "kubectl-blueprint-diff-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	live, deployed := filepath.Join(dir, "LIVE"), filepath.Join(dir, "DEPLOYED")
	for _, t := range texts {
		if err := errors.Join(writeVersion(live, t.Object, t.Before), writeVersion(deployed, t.Object, t.After)); err != nil {
			return err
		}
	}
	process := exec.CommandContext(ctx, program[0], append(program[1:], live, deployed)...)
	process.Stdout, process.Stderr = color.Stream(o.streams.Out), color.Stream(o.streams.ErrOut)
	err = process.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // it found differences
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: running %s: %w", externalDiff, program[0], err)
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
