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
		Use:     "schema recipe|group|secrets",
		GroupID: recipesGroup,
		Short:   "Print the JSON Schema of a kind of file, for editors",
		Long: heredoc.Doc(`
			Print the JSON Schema of a kind of file, for editors: of recipes, of
			deployment groups, or of secrets payloads. Editors complete keys and
			mark mistakes with it.`),
		Example: cmdutil.Examples(`
			# For a recipe's "$schema" key
			kubectl blueprint schema recipe > recipe.schema.json

			# For secrets payloads
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
