package printer

import (
	"context"
	"errors"
	"io"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// ErrReported is the error of a command that has printed its errors itself. It is not
// printed.
var ErrReported = errors.New("errors were reported")

// PrintError writes err to w in kubectl's form: a line for each error, then the hints.
// Newlines in messages are escaped. flags are those that chose the cluster; suggested
// commands get them also.
func PrintError(w io.Writer, err error, flags []string) {
	for _, paragraph := range paragraphs(err) {
		for i, line := range paragraph {
			if i == 0 {
				line = "error: " + strings.TrimPrefix(line, "error: ")
			}
			Report(w, "%s", redact.URLs(line))
		}
	}
	for _, h := range hintsOf(err) {
		if len(h.Command) > 0 && h.Command[0] == "kubectl" {
			h.Command = h.Command.With(flags...)
		}
		PrintHint(w, h)
	}
}

// PrintHint writes a hint, unless it is zero.
func PrintHint(w io.Writer, h hint.Hint) {
	for _, line := range h.Lines() {
		Report(w, "%s", line)
	}
}

// hintsOf returns the hints of err, and those for errors of the API server.
func hintsOf(err error) []hint.Hint {
	all := hint.Of(err)
	if name := missingNamespace(err); len(validation.IsDNS1123Label(name)) == 0 {
		all = append(all, hint.Hint{Text: "create the namespace", Command: hint.Kubectl("create", "namespace", name)})
	}
	if apierrors.IsUnauthorized(err) {
		all = append(all, hint.Hint{Text: "log in to the cluster again; the credentials in the kubeconfig are missing, wrong or expired"})
	}
	return all
}

// WithLines returns err with more lines below its first one.
func WithLines(err error, below ...string) error { return linedError{err, below} }

// linedError is an error with more lines below its first one.
type linedError struct {
	error
	below []string
}

// Lines returns the lines of the error.
func (e linedError) Lines() []string { return append([]string{e.Error()}, e.below...) }

func (e linedError) Unwrap() error { return e.error }

// paragraphs returns the lines of each error that err joins. The text of an error that
// wraps others remains around theirs.
func paragraphs(err error) [][]string {
	if text := connectionError(err); text != "" {
		return [][]string{{text}}
	}
	if err == context.Canceled { //nolint:errorlint // the innermost error
		return [][]string{{"interrupted"}}
	}
	switch e := err.(type) { //nolint:errorlint // walks the tree itself
	case source.Errors:
		return e.Paragraphs()
	case interface{ Lines() []string }:
		return [][]string{e.Lines()}
	case interface{ Unwrap() []error }:
		if err.Error() != errors.Join(e.Unwrap()...).Error() {
			break
		}
		var all [][]string
		for _, inner := range e.Unwrap() {
			all = append(all, paragraphs(inner)...)
		}
		return all
	case interface{ Unwrap() error }:
		inner := e.Unwrap()
		if inner == nil {
			break
		}
		before, after, found := strings.Cut(err.Error(), inner.Error())
		if !found {
			break
		}
		all := paragraphs(inner)
		all[0][0] = before + all[0][0]
		last := &all[len(all)-1][0]
		*last += after
		return all
	}
	return [][]string{{strings.TrimSpace(err.Error())}}
}

// missingNamespace returns the namespace that err reports as not found, or "".
func missingNamespace(err error) string {
	var status *apierrors.StatusError
	if errors.As(err, &status) && apierrors.IsNotFound(status) && status.ErrStatus.Details != nil && status.ErrStatus.Details.Kind == "namespaces" {
		return status.ErrStatus.Details.Name
	}
	return ""
}

// connectionError returns kubectl's message for an unreachable server, however deep
// the error is wrapped, or "".
func connectionError(err error) string {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return ""
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if text, ok := kcmdutil.StandardErrorMessage(e); ok {
			return text
		}
	}
	return ""
}
