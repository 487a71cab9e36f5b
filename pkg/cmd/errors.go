package cmd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation"
	cmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// printError writes err to w in kubectl's form, what the server or the
// kubeconfig say in kubectl's own words, and each fault of a file on a line.
func printError(w io.Writer, err error) {
	text := err.Error()
	if unreachable := connectionError(err); unreachable != "" {
		text = unreachable
	}
	var faults source.Errors
	prefix := "error: "
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimPrefix(strings.TrimRight(line, "\n"), "error: ")
		positioned := errors.As(err, &faults)
		if positioned && strings.HasPrefix(line, source.HintPrefix) {
			_, _ = fmt.Fprintln(w, source.Printable(line))
			continue
		}
		_, _ = fmt.Fprintf(w, "%s%s\n", prefix, source.Printable(line))
		if !positioned {
			prefix = ""
		}
	}
	if name := missingNamespace(err); len(validation.IsDNS1123Label(name)) == 0 {
		_, _ = fmt.Fprintf(w, "hint: kubectl create namespace %s\n", source.Printable(name))
	}
	if apierrors.IsUnauthorized(err) {
		_, _ = fmt.Fprintln(w, "hint: you must be logged in to the server: the credentials of the kubeconfig's context are missing, wrong or expired")
	}
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
		if text, ok := cmdutil.StandardErrorMessage(e); ok {
			return text
		}
	}
	return ""
}

// warn writes a warning to w in kubectl's form.
func warn(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, "Warning: %s\n", source.Printable(fmt.Sprintf(format, args...)))
}

// warnAll writes a warning for each fault, and of a file with very many only
// for the first ones.
func warnAll(w io.Writer, faults source.Errors) {
	if faults.Sorted() == nil {
		return
	}
	for line := range strings.Lines(faults.Error()) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, source.HintPrefix) {
			_, _ = fmt.Fprintln(w, source.Printable(line))
			continue
		}
		warn(w, "%s", line)
	}
}
