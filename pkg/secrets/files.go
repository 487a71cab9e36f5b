package secrets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Files are the files of one batch, and what their values may be read from.
type Files struct {
	Names     []string // files, directories, URLs, or "-" for In
	Recursive bool     // also read the directories below those of Names
	In        io.Reader
	Prompts   io.Writer // where a value is asked for, if In is a terminal
	// Refuse returns an error for a document that is another kind of file.
	Refuse func(*source.Document) error
}

// payload is one file with its operations.
type payload struct {
	document   *source.Document
	operations []Operation
	plaintext  bool // holds values, so that others should not read it
}

// Read returns the operations of all files in their order, every value filled in,
// and warnings about what is most likely wrong with them.
func (f Files) Read(ctx context.Context) ([]Operation, source.Errors, error) {
	stdin := input.Stdin(ctx, f.In)
	payloads, err := f.parse(ctx, stdin)
	if err != nil {
		return nil, nil, err
	}
	var operations []Operation
	for _, p := range payloads {
		operations = append(operations, p.operations...)
	}
	if err := Resolve(operations, f.sources(ctx, stdin)); err != nil {
		if ctx.Err() != nil { // which is no fault of the value that was asked for
			return nil, nil, input.Interrupted(ctx)
		}
		return nil, nil, err
	}
	var warnings source.Errors
	for _, p := range payloads {
		warnings = append(warnings, p.warnings()...)
	}
	return operations, warnings, nil
}

// parse returns the payloads of all files. The error has the errors of all of them.
func (f Files) parse(ctx context.Context, stdin io.Reader) ([]payload, error) {
	names, err := input.Files(f.Names, f.Recursive)
	if err != nil {
		return nil, err
	}
	var payloads []payload
	var problems source.Errors
	for _, name := range names {
		p, err := f.parseOne(ctx, name, stdin)
		var wrong source.Errors
		switch {
		case errors.As(err, &wrong):
			problems = append(problems, wrong...)
		case err != nil:
			return nil, err
		}
		payloads = append(payloads, p)
	}
	return payloads, problems.Sorted()
}

func (f Files) parseOne(ctx context.Context, name string, stdin io.Reader) (p payload, err error) {
	name, text, err := input.Read(ctx, name, stdin)
	if err != nil {
		return p, err
	}
	if p.document, err = source.Parse(name, text); err != nil {
		return p, err
	}
	if err := f.Refuse(p.document); err != nil {
		return p, err
	}
	p.operations, err = Parse(p.document)
	p.plaintext = HasPlaintext(p.operations)
	return p, err
}

// warnings returns what is most likely wrong with a payload and its file.
func (p payload) warnings() source.Errors {
	var all source.Errors
	if file := p.document.Name; p.plaintext && input.WorldReadable(file) {
		all = append(all, &source.Error{File: file, Message: "can be read by every user of this machine: " + hint.Command{"chmod", "o=", hint.File(file)}.String()})
	}
	for _, w := range Lint(p.document, p.operations) {
		all = append(all, w.Error)
	}
	return all
}

// sources returns where values by reference come from on this machine. Standard
// input is read for the payload or for one value.
func (f Files) sources(ctx context.Context, stdin io.Reader) Sources {
	return Sources{
		Env:    os.LookupEnv,
		File:   func(path string) ([]byte, error) { return readValue(ctx, path) },
		Stdin:  func() ([]byte, error) { return readBounded(stdin) },
		Prompt: func(text string) ([]byte, error) { return input.Prompt(ctx, f.In, f.Prompts, text) },
	}
}

func readValue(ctx context.Context, path string) ([]byte, error) {
	return input.Await(ctx, func() ([]byte, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return readBounded(file)
	})
}

// readBounded reads one value. It stops at the size of the largest Secret, as a
// device has no end.
func readBounded(r io.Reader) ([]byte, error) {
	value, err := io.ReadAll(io.LimitReader(r, corev1.MaxSecretSize+1))
	if err == nil && len(value) > corev1.MaxSecretSize {
		return nil, fmt.Errorf("is larger than the %d bytes that a Secret can hold", corev1.MaxSecretSize)
	}
	return value, err
}
