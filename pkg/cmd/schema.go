package cmd

import (
	"bytes"
	"fmt"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/charts"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
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
		ValidArgs: []string{"recipe", "group", "secrets"},
		RunE: func(_ *cobra.Command, args []string) error {
			schema, err := schemaOf(args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(streams.Out, "%s\n", bytes.TrimRight(schema, "\n"))
			return err
		},
	}
}

// schemaOf returns the schema of a kind of file.
func schemaOf(kind string) ([]byte, error) {
	switch kind {
	case "recipe":
		chart, err := render.Load(charts.Blueprint())
		if err != nil {
			return nil, err
		}
		return chart.Schema(), nil
	case "group":
		return recipe.GroupSchema(), nil
	case "secrets":
		return secrets.PayloadSchema(), nil
	}
	return nil, fmt.Errorf("there is no schema of %q: want recipe, group or secrets", kind)
}
