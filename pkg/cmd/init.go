package cmd

import (
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/starter"
)

func newInit(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:     "init " + strings.Join(starter.Kinds(), "|") + " [NAME]",
		GroupID: recipesGroup,
		Short:   "Write a commented recipe to begin with, and the payload of its secrets",
		Long: heredoc.Doc(`
			Write a commented recipe to begin with, and the payload of its secrets, as two
			files in the current directory. Files that are there are not written over.
			NAME is the deployment_name and the beginning of the file names; the default
			is that of the kind.

			nim is an NVIDIA NIM, huggingface a model of the Hugging Face Hub served by
			vLLM, registry a service whose image is in a private registry, and job a job
			that runs once on a GPU.`),
		Example: cmdutil.Examples(`
			# From nothing to a running NIM
			kubectl blueprint init nim
			export NGC_API_KEY=...
			kubectl blueprint deploy nim.yaml --secrets nim-secrets.yaml

			# A second one beside it
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
				if err := cmdutil.PrintLine(streams.Out, "%s created", file); err != nil {
					return err
				}
			}
			cmdutil.Report(streams.ErrOut, "next: read both, then: %s", hint.Blueprint("deploy", files[0], "--secrets", files[1]))
			return nil
		},
	}
}
