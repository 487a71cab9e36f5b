package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// payloadOptions are the flags of commands that read a payload.
type payloadOptions struct {
	names     []string // as given
	recursive bool
	strict    bool
}

func (o *payloadOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&o.names, "filename", "f", nil, "The payload: a `FILE`, a directory, a URL, or a dash for standard input. Several are one batch.")
	cmd.Flags().BoolVarP(&o.recursive, "recursive", "R", false, "Read the directories below that of -f, too.")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "Take warnings about the payload as errors.")
}

// read returns the operations of all payloads, in the order of the files, with
// every value in place, after telling what is most likely wrong with them.
func (o *payloadOptions) read(ctx context.Context, streams genericiooptions.IOStreams) ([]secrets.Operation, error) {
	if len(o.names) == 0 {
		return nil, fmt.Errorf("name a payload with -f FILE")
	}
	files, err := input.Files(o.names, o.recursive)
	if err != nil {
		return nil, err
	}
	stdin := input.Stdin(ctx, streams.In)
	var payloads []payload
	var operations []secrets.Operation
	var faults source.Errors
	for _, file := range files {
		p, err := readPayload(ctx, file, stdin)
		var wrong source.Errors
		switch {
		case errors.As(err, &wrong):
			faults = append(faults, wrong...)
		case err != nil:
			return nil, err
		}
		payloads, operations = append(payloads, p), append(operations, p.operations...)
	}
	if err := faults.Sorted(); err != nil {
		return nil, err
	}
	if err := secrets.Resolve(operations, sources(ctx, streams, stdin)); err != nil {
		if ctx.Err() != nil { // which is no fault of the value that was asked for
			return nil, input.Interrupted(ctx)
		}
		return nil, err
	}
	return operations, o.lint(payloads, streams.ErrOut)
}

// payload is one file with its operations.
type payload struct {
	document   *source.Document
	operations []secrets.Operation
	literal    bool // it has values in it, so that others should not read it
}

func readPayload(ctx context.Context, file string, stdin io.Reader) (payload, error) {
	var p payload
	name, text, err := input.Read(ctx, file, stdin)
	if err != nil {
		return p, err
	}
	if p.document, err = source.Parse(name, text); err != nil {
		return p, err
	}
	if recipe.IsRecipe(p.document.Root) {
		return p, source.Errors{p.document.ErrorAt("", "is a recipe, not a secrets payload: %s", deployIt(file))}
	}
	p.operations, err = secrets.Parse(p.document)
	p.literal = secrets.HasPlaintext(p.operations)
	return p, err
}

// deployIt returns the command for a recipe that was given as a payload.
func deployIt(file string) string {
	if input.IsURL(file) { // deploy takes none, and this one may hold credentials
		return "curl -fsSL URL | " + hint.Blueprint("deploy", "-").String()
	}
	return hint.Blueprint("deploy", hint.File(file)).String()
}

// lint tells what is most likely wrong.
func (o *payloadOptions) lint(payloads []payload, stderr io.Writer) error {
	var faults source.Errors
	for _, p := range payloads {
		if file := p.document.Name; p.literal && exposed(file) {
			faults = append(faults, &source.Error{File: file, Message: "can be read by every user of this machine: " + closeToOthers(file).String()})
		}
		for _, w := range secrets.Lint(p.document, p.operations) {
			faults = append(faults, w.Error)
		}
	}
	err := faults.Sorted()
	if err == nil || o.strict {
		return err
	}
	cmdutil.PrintWarnings(stderr, faults)
	return nil
}

// closeToOthers returns the command that leaves a file to its owner and group.
func closeToOthers(file string) hint.Command { return hint.Command{"chmod", "o=", hint.File(file)} }

// exposed reports whether others can read the file, where the system knows of
// others.
func exposed(file string) bool {
	const byOthers = 0o004
	info, err := os.Stat(file)
	return err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode()&byOthers != 0
}

// sources is where values by reference come from. Standard input is for the
// payload or for one value.
func sources(ctx context.Context, streams genericiooptions.IOStreams, stdin io.Reader) secrets.Sources {
	return secrets.Sources{
		Env:    os.LookupEnv,
		File:   func(path string) ([]byte, error) { return readValue(ctx, path) },
		Stdin:  func() ([]byte, error) { return readBounded(stdin) },
		Prompt: func(text string) ([]byte, error) { return input.Prompt(ctx, streams.In, streams.ErrOut, text) },
	}
}

func readValue(ctx context.Context, path string) ([]byte, error) {
	return input.Await(ctx, func() ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return readBounded(f)
	})
}

// readBounded reads one value. What is larger than a Secret can be is not read
// to its end, which a device does not have.
func readBounded(r io.Reader) ([]byte, error) {
	value, err := io.ReadAll(io.LimitReader(r, corev1.MaxSecretSize+1))
	if err == nil && len(value) > corev1.MaxSecretSize {
		return nil, fmt.Errorf("is larger than the %d bytes that a Secret can hold", corev1.MaxSecretSize)
	}
	return value, err
}
