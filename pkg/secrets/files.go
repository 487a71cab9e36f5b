package secrets

import (
	"context"
	"errors"
	"io"
	"os"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Files holds the files of one batch and the sources of their values.
type Files struct {
	Names     []string // files, directories, URLs, or "-" for In
	Recursive bool     // include subdirectories
	In        io.Reader
	Prompts   io.Writer // receives prompts, if In is a terminal
	// Refuse returns an error for a document of another kind.
	Refuse func(*source.Document) error
}

// payload is one file with its operations.
type payload struct {
	document   *source.Document
	operations []Operation
	plaintext  bool // contains secret values
}

// Read returns the operations of all files in order, with all references resolved, and
// warnings about likely mistakes.
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
		if ctx.Err() != nil { // not an error of the value
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

// parse returns the payloads of all files, or the errors of all files.
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

// warnings returns likely mistakes in a payload and the mode of its file.
func (p payload) warnings() source.Errors {
	var all source.Errors
	if file := p.document.Name; p.plaintext && input.WorldReadable(file) {
		all = append(all, &source.Error{File: file, Message: "contains secret values and is world-readable", Hint: hint.Command{"chmod", "o=", hint.File(file)}.String()})
	}
	for _, w := range Lint(p.document, p.operations) {
		all = append(all, w.Error)
	}
	return all
}

// sources returns the sources of references on this machine. Standard input is read for
// the payload or for one value.
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

// readBounded reads one value up to the size limit of Secrets, because devices may be
// endless.
func readBounded(r io.Reader) ([]byte, error) {
	value, err := io.ReadAll(io.LimitReader(r, corev1.MaxSecretSize+1))
	if err == nil && len(value) > corev1.MaxSecretSize {
		return nil, errors.New(tooLarge)
	}
	return value, err
}
