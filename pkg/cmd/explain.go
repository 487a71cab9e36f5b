package cmd

import (
	"io"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

func newExplain(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:     "explain [FIELD | signature [ID]]",
		GroupID: recipesGroup,
		Short:   "Explain a recipe or payload field",
		Long: heredoc.Doc(`
			Explain a field of recipes, groups or secrets payloads, as 'kubectl explain'
			does for resources. Without FIELD, lists the fields of a recipe.

			FIELD is a path such as recipe_configmaps.default_mode, without list indexes.

			With 'signature', lists the log lines by which 'deploy' and 'status' recognize
			why a container crashed, or explains the one with the given ID.`),
		Example: cmdutil.Examples(`
			# List the fields of a recipe
			kubectl blueprint explain

			# Explain a field and a nested field
			kubectl blueprint explain recipe_configmaps
			kubectl blueprint explain recipe_configmaps.default_mode

			# Explain cluster values, groups and secrets payloads
			kubectl blueprint explain cluster.objectStorage
			kubectl blueprint explain deployment_group.deployments
			kubectl blueprint explain secrets_payload.data

			# Explain a cause of a crash
			kubectl blueprint explain signature cuda-out-of-memory`),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && args[0] == explain.SignatureTopic {
				return cmdutil.Args(1, 2)(cmd, args)
			}
			return cmdutil.Args(0, 1)(cmd, args)
		},
		ValidArgsFunction: complete.Explain,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 && args[0] == explain.SignatureTopic {
				return explainSignatures(streams.Out, args[1:])
			}
			return explainFields(streams.Out, args)
		},
	}
}

// explainFields lists the fields of a recipe, or explains the one that is named.
func explainFields(out io.Writer, args []string) error {
	files, err := explain.Load()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		return files.Print(out)
	}
	kind, field, err := files.Find(args[0])
	if err != nil {
		return err
	}
	return field.Print(out, kind)
}

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
		return hint.Run(err, "list the signatures", hint.Blueprint("explain", explain.SignatureTopic))
	}
	return explain.PrintSignature(out, s)
}
