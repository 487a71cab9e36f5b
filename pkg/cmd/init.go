package cmd

import (
	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/starter"
)

func newInit(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:        "init KIND [NAME]",
		SuggestFor: []string{"new", "create", "generate"},
		GroupID:    recipesGroup,
		Short:      "Create a starter recipe and its secrets payload",
		Long: heredoc.Doc(`
			Create a commented starter recipe and its secrets payload in the current
			directory. Existing files are not overwritten.

			KIND is nim (an NVIDIA NIM), huggingface (a Hugging Face model served by vLLM),
			registry (a service with a private image) or job (a one-off GPU job). NAME is
			the deployment_name and the prefix of the file names; it defaults to KIND.`),
		Example: cmdutil.Examples(`
			# Deploy an NVIDIA NIM from scratch
			kubectl blueprint init nim
			export NGC_API_KEY=...
			kubectl blueprint deploy nim.yaml --secrets nim-secrets.yaml

			# Create a second recipe with another name
			kubectl blueprint init nim llama`),
		Args: cmdutil.Args(1, 2),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return starter.Kinds(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			files, err := starter.Write(args[0], args[len(args)-1])
			if err != nil {
				return err
			}
			for _, file := range files {
				if err := printer.PrintLine(streams.Out, "%s created", file); err != nil {
					return err
				}
			}
			printer.PrintHint(streams.ErrOut, hint.Hint{Text: "review both files, then run", Command: hint.Blueprint("deploy", files[0], "--secrets", files[1])})
			return nil
		},
	}
}
