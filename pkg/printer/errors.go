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

// PrintError writes err to w in kubectl's form: each error on a line of its own,
// then the hints. Only the structure of err makes lines, never a newline in it.
// flags are those that chose the cluster; suggested commands need them too.
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

// hintsOf returns what err suggests, and what a server's answer calls for.
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

// paragraphs returns the lines of each error that err joins. What wraps others
// keeps its words around theirs.
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

// missingNamespace is the namespace that does not exist, where err says so.
func missingNamespace(err error) string {
	var status *apierrors.StatusError
	if errors.As(err, &status) && apierrors.IsNotFound(status) && status.ErrStatus.Details != nil && status.ErrStatus.Details.Kind == "namespaces" {
		return status.ErrStatus.Details.Name
	}
	return ""
}

// connectionError returns kubectl's words for a server that can't be reached,
// however deep the error is wrapped, or "".
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
