package input

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Confirm asks a yes/no question on a terminal. Only y and yes confirm it.
func Confirm(ctx context.Context, in io.Reader, out io.Writer, question string) (bool, error) {
	_, _ = fmt.Fprintf(out, "%s [y/N] ", question)
	answer, err := Await(ctx, func() (string, error) {
		return bufio.NewReader(in).ReadString('\n')
	})
	if errors.Is(err, io.EOF) { // Ctrl-D
		_, _ = fmt.Fprintln(out)
		err = nil
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", err
}

// Prompt asks for a value on a terminal, without echo.
func Prompt(ctx context.Context, in io.Reader, out io.Writer, text string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, Interrupted(ctx)
	}
	terminal, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(terminal.Fd())) {
		return nil, fmt.Errorf("cannot prompt: standard input is not a terminal")
	}
	fd := int(terminal.Fd())
	echoing, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(out, "%s: ", source.Printable(text))
	value, err := Await(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	_, _ = fmt.Fprintln(out)
	if ctx.Err() != nil { // the reader still waits, with echo off
		_ = term.Restore(fd, echoing)
	}
	return value, err
}
