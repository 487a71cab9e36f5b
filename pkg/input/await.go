package input

import (
	"context"
	"errors"
	"io"
)

// Await returns what read returns, or the error of Interrupted if ctx ends first.
// A read that does not end with ctx continues in the background.
func Await[T any](ctx context.Context, read func() (T, error)) (T, error) {
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
		return none, Interrupted(ctx)
	}
}

// Interrupted returns the error of a context that has ended, with a message for
// users.
func Interrupted(ctx context.Context) error { return interruptedError{ctx.Err()} }

type interruptedError struct{ error }

func (interruptedError) Error() string { return "interrupted" }

func (e interruptedError) Unwrap() error { return e.error }

// stdin is standard input, which can be read once.
type stdin struct {
	ctx  context.Context
	from io.Reader
	done bool
}

// Stdin returns a reader of standard input whose reads end with ctx, unlike those
// of a terminal or a pipe. A second reader gets an error instead of no input.
func Stdin(ctx context.Context, from io.Reader) io.Reader { return &stdin{ctx: ctx, from: from} }

func (r *stdin) Read(p []byte) (int, error) {
	if r.done {
		return 0, errors.New("standard input can be read only once")
	}
	data, err := Await(r.ctx, func() ([]byte, error) {
		data := make([]byte, len(p)) // p belongs to the caller again once ctx ends
		n, err := r.from.Read(data)
		return data[:n], err
	})
	r.done = err != nil
	return copy(p, data), err
}
