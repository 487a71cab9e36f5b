package explain

import (
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

// SignatureTopic is the argument of 'explain' that selects the signatures of crashes.
const SignatureTopic = "signature"

// PrintSignature prints a signature in the layout of a field.
func PrintSignature(out io.Writer, s *signature.Signature) error {
	var b strings.Builder
	fmt.Fprintf(&b, "SIGNATURE:  %s\n\n", s.ID)
	writeText(&b, "CAUSE", signature.Generic(s.Cause))
	writeText(&b, "FIX", signature.Generic(s.Fix))
	writeText(&b, "KUBERNETES", string(s.Field))
	writeText(&b, "VERDICT", s.Verdict.Description())
	writeText(&b, "PROGRAMS", strings.Join(s.Programs, ", "))
	writeLines(&b, "PATTERN", []string{s.Pattern})
	writeLines(&b, "SOURCE", []string{s.Source})
	_, err := io.WriteString(out, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}
