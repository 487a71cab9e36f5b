package cmd

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/spf13/cobra"
	"golang.org/x/term"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// payloadOptions are the flags of commands that read a payload.
type payloadOptions struct {
	files  []string // as given; one is wanted
	file   string
	strict bool
}

func (o *payloadOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&o.files, "filename", "f", nil, "The payload `FILE`, or a dash for standard input.")
	cmd.Flags().BoolVar(&o.strict, "strict", false, "Take warnings about the payload as errors.")
}

// read returns the operations of the payload with every value in place, after
// telling what is most likely wrong with them.
func (o *payloadOptions) read(streams genericiooptions.IOStreams) ([]secrets.Operation, error) {
	if len(o.files) != 1 {
		return nil, fmt.Errorf("name one payload with -f FILE")
	}
	o.file = o.files[0]
	doc, err := readDocument(o.file, streams.In)
	if err != nil {
		return nil, err
	}
	operations, err := secrets.Parse(doc)
	if err != nil {
		return nil, err
	}
	literal := secrets.Literal(operations)
	if err := secrets.Resolve(operations, o.sources(streams)); err != nil {
		return nil, err
	}
	return operations, o.lint(doc, operations, literal, streams.ErrOut)
}

// lint tells what is most likely wrong. literal says that the file has values
// in it, so that others should not read it.
func (o *payloadOptions) lint(doc *source.Document, operations []secrets.Operation, literal bool, stderr io.Writer) error {
	var faults source.Errors
	if literal && exposed(o.file) {
		faults = append(faults, &source.Error{File: o.file, Message: "can be read by every user of this machine: chmod o= " + o.file})
	}
	for _, w := range secrets.Lint(doc, operations) {
		faults = append(faults, w.Error)
	}
	if o.strict {
		return faults.Sorted()
	}
	for _, fault := range faults {
		warn(stderr, "%v", fault)
	}
	return nil
}

// exposed reports whether others can read the file, where the system knows of
// others.
func exposed(file string) bool {
	const byOthers = 0o004
	info, err := os.Stat(file)
	return err == nil && runtime.GOOS != "windows" && info.Mode().IsRegular() && info.Mode()&byOthers != 0
}

// sources is where values by reference come from. Standard input is for the
// payload or for one value.
func (o *payloadOptions) sources(streams genericiooptions.IOStreams) secrets.Sources {
	return secrets.Sources{
		Env:    os.LookupEnv,
		File:   readValue,
		Stdin:  func() ([]byte, error) { return readBounded(streams.In) },
		Prompt: func(text string) ([]byte, error) { return prompt(streams, text) },
	}
}

func readValue(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readBounded(f)
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

// prompt asks on the terminal, without echo.
func prompt(streams genericiooptions.IOStreams, text string) ([]byte, error) {
	stdin, ok := streams.In.(*os.File)
	if !ok || !term.IsTerminal(int(stdin.Fd())) {
		return nil, fmt.Errorf("standard input is no terminal to ask on")
	}
	_, _ = fmt.Fprintf(streams.ErrOut, "%s: ", text)
	value, err := term.ReadPassword(int(stdin.Fd()))
	_, _ = fmt.Fprintln(streams.ErrOut)
	return value, err
}
