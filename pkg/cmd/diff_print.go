package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
)

// externalDiff is the variable that names another program, as kubectl has it.
const externalDiff = "KUBECTL_EXTERNAL_DIFF"

func (o *diffOptions) printTexts(ctx context.Context, texts []diff.File) error {
	if program := strings.Fields(os.Getenv(externalDiff)); len(program) > 0 {
		if !o.showSecrets {
			return o.runExternal(ctx, program, texts)
		}
		cmdutil.Warn(o.streams.ErrOut, "%s is not run with --show-secrets, which would put secrets into files", externalDiff)
	}
	colored := input.IsTerminal(o.streams.Out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	for _, t := range texts {
		text := t.Diff()
		if colored {
			text = color(text)
		}
		if _, err := o.streams.Out.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// color gives the lines of a diff git's colours.
func color(text []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		code := ""
		switch {
		case bytes.HasPrefix(line, []byte("diff ")), bytes.HasPrefix(line, []byte("--- ")), bytes.HasPrefix(line, []byte("+++ ")):
			code = "1" // bold
		case line[0] == '@':
			code = "36"
		case line[0] == '-':
			code = "31"
		case line[0] == '+':
			code = "32"
		}
		if code == "" {
			b.Write(line)
			continue
		}
		fmt.Fprintf(&b, "\x1b[%sm%s\x1b[m\n", code, bytes.TrimSuffix(line, []byte("\n")))
	}
	return b.Bytes()
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
	process.Stdout, process.Stderr = o.streams.Out, o.streams.ErrOut
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
