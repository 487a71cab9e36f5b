package cmd

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

// signatureTopic is the argument of explain that selects the signatures.
const signatureTopic = "signature"

// explainSignatures lists the signatures, or prints the one with the ID in args.
func explainSignatures(out io.Writer, args []string) error {
	table, err := signature.Load()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		var rows [][]string
		for _, s := range table.All() {
			rows = append(rows, []string{s.ID, signature.Generic(s.Cause)})
		}
		return printer.PrintTable(out, []string{"ID", "CAUSE"}, rows)
	}
	s, err := table.Find(args[0])
	if err != nil {
		return hint.Run(err, "list the signatures", hint.Blueprint("explain", signatureTopic))
	}
	return printSignature(out, s)
}

// printSignature prints a signature in the layout of a field.
func printSignature(out io.Writer, s *signature.Signature) error {
	var b strings.Builder
	fmt.Fprintf(&b, "SIGNATURE:  %s\n\n", s.ID)
	explain.WriteText(&b, "CAUSE", signature.Generic(s.Cause))
	explain.WriteText(&b, "FIX", signature.Generic(s.Fix))
	explain.WriteText(&b, "KUBERNETES", string(s.Field))
	explain.WriteText(&b, "VERDICT", s.Verdict.Description())
	explain.WriteText(&b, "PROGRAMS", strings.Join(s.Programs, ", "))
	explain.WriteLines(&b, "PATTERN", []string{s.Pattern})
	explain.WriteLines(&b, "SOURCE", []string{s.Source})
	_, err := io.WriteString(out, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

// completeSignature completes the ID of a signature.
func completeSignature(typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	table, err := signature.Load()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []cobra.Completion
	for _, s := range table.All() {
		if strings.HasPrefix(s.ID, typed) {
			found = append(found, cobra.CompletionWithDesc(s.ID, signature.Generic(s.Cause)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp
}
