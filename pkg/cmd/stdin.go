package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// onceReader is standard input, which only one reader can have. A read ends
// with ctx, too, though a terminal or pipe knows nothing of that.
type onceReader struct {
	ctx  context.Context
	from io.Reader
	done bool
}

func (r *onceReader) Read(p []byte) (int, error) {
	if r.done {
		return 0, errors.New("standard input is read already")
	}
	data, err := unlessDone(r.ctx, func() ([]byte, error) {
		data := make([]byte, len(p)) // p is the caller's again when ctx is done
		n, err := r.from.Read(data)
		return data[:n], err
	})
	r.done = err != nil
	return copy(p, data), err
}

// prompt asks on the terminal, without echo.
func prompt(ctx context.Context, streams genericiooptions.IOStreams, text string) ([]byte, error) {
	if ctx.Err() != nil {
		return nil, interruptedError{ctx.Err()}
	}
	stdin, ok := streams.In.(*os.File)
	if !ok || !term.IsTerminal(int(stdin.Fd())) {
		return nil, fmt.Errorf("standard input is no terminal to ask on")
	}
	fd := int(stdin.Fd())
	echoing, err := term.GetState(fd)
	if err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(streams.ErrOut, "%s: ", source.Printable(text))
	value, err := unlessDone(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	_, _ = fmt.Fprintln(streams.ErrOut)
	if ctx.Err() != nil { // the reader still waits, and left the terminal silent
		_ = term.Restore(fd, echoing)
	}
	return value, err
}

// unlessDone returns what read returns, or the error of ctx where that is done
// before. Read then goes on, and nobody hears of it.
func unlessDone[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answers := make(chan answer, 1)
	go func() {
		value, err := read()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, interruptedError{ctx.Err()}
	}
}

// interruptedError is the error of a context, in words for users.
type interruptedError struct{ error }

func (interruptedError) Error() string { return "interrupted" }

func (e interruptedError) Unwrap() error { return e.error }
