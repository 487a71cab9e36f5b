package secrets

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// PayloadOptions are the flags of commands that read a payload.
type PayloadOptions struct {
	cmdutil.FileOptions
	Strict bool // warnings are errors
}

func (o *PayloadOptions) addFlags(cmd *cobra.Command) {
	o.AddFlags(cmd, "that contains the payload; several files are one batch.")
	cmd.Flags().BoolVar(&o.Strict, "strict", false, "If true, treat warnings about the payload as errors.")
}

// Read returns the operations of all payloads in the order of the files, with all
// references resolved, and prints warnings.
func (o *PayloadOptions) Read(ctx context.Context, streams genericiooptions.IOStreams) ([]secrets.Operation, error) {
	files := secrets.Files{Names: o.Names, Recursive: o.Recursive, In: streams.In, Prompts: streams.ErrOut, Refuse: refuseRecipe}
	operations, warnings, err := files.Read(ctx)
	if err != nil {
		return nil, err
	}
	if o.Strict {
		return operations, warnings.Sorted()
	}
	printer.PrintWarnings(streams.ErrOut, warnings)
	return operations, nil
}

// refuseRecipe returns an error for a recipe, with a hint to deploy it.
func refuseRecipe(doc *source.Document) error {
	if !recipe.IsRecipe(doc.Root) {
		return nil
	}
	deploy := hint.Blueprint("deploy", hint.File(doc.Name)).String()
	if input.IsURL(doc.Name) { // deploy does not read URLs
		deploy = "curl -fsSL URL | " + hint.Blueprint("deploy", "-").String()
	}
	return source.Errors{doc.ErrorAt("", "must be a secrets payload, got a recipe").Hinted("deploy it: %s", deploy)}
}
