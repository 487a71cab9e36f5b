package cmd

import (
	"bytes"
	"fmt"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
)

func newSchema(streams genericiooptions.IOStreams) *cobra.Command {
	return &cobra.Command{
		Use:     "schema KIND",
		GroupID: recipesGroup,
		Short:   "Print the JSON Schema of a file type",
		Long: heredoc.Doc(`
			Print the JSON Schema of a file type: recipe, group or secrets. Editors use it
			to complete keys and to mark mistakes.`),
		Example: cmdutil.Examples(`
			# Save the schema of recipes for the "$schema" key
			kubectl blueprint schema recipe > recipe.schema.json

			# Save the schema of secrets payloads
			kubectl blueprint schema secrets > secrets.schema.json`),
		Args:      cmdutil.Args(1, 1),
		ValidArgs: explain.Kinds(),
		RunE: func(_ *cobra.Command, args []string) error {
			schema, err := explain.Schema(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(streams.Out, "%s\n", bytes.TrimRight(schema, "\n"))
			return err
		},
	}
}
