package complete

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

// Explain completes what 'explain' explains: the path of a field, or after the topic of
// the signatures the ID of one.
func Explain(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	switch {
	case len(args) == 0:
		return fields(typed)
	case len(args) == 1 && args[0] == explain.SignatureTopic:
		return signatures(typed), cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}

// fields completes the last element of a path. No space follows, because a dot may.
func fields(typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	files, err := explain.Load()
	if err != nil {
		return nil, directive
	}
	parent, fields := files.Complete(typed)
	var found []cobra.Completion
	for _, f := range fields {
		found = append(found, cobra.CompletionWithDesc(parent+f.Name, explain.FirstSentence(f.Description)))
	}
	return found, directive
}

func signatures(typed string) []cobra.Completion {
	table, err := signature.Load()
	if err != nil {
		return nil
	}
	var found []cobra.Completion
	for _, s := range table.All() {
		if strings.HasPrefix(s.ID, typed) {
			found = append(found, cobra.CompletionWithDesc(s.ID, signature.Generic(s.Cause)))
		}
	}
	return found
}
