package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

type renderOptions struct {
	recipeOptions
	format      string
	dir         string
	showSecrets bool

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newRender(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &renderOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "render FILE...",
		SuggestFor: []string{"template", "export"},
		GroupID:    recipesGroup,
		Short:      "Print or export the manifests of a recipe",
		Long: heredoc.Doc(`
			Print or export the manifests of a recipe without a cluster.

			The output is identical to that of 'helm template' with the embedded chart and
			the recipe as values, except that credentials in plain text are masked unless
			--show-secrets is set.

			With -o dir, kustomize or helm, exports to --output-dir for kubectl, Argo CD or
			Flux: one file per object, the same with a kustomization.yaml, or the chart
			with a values file per recipe.`),
		Example: cmdutil.Examples(`
			# Print the manifests of a recipe
			kubectl blueprint render nim.yaml

			# Apply them without Helm
			kubectl blueprint render nim.yaml | kubectl apply -f -

			# Set a cluster value, as in Helm
			kubectl blueprint render nim.yaml --set cluster.ingress.domain=example.com

			# Export all recipes in a directory as a kustomize base
			kubectl blueprint render recipes/ -o kustomize --output-dir base`),
		Args:              o.Args,
		ValidArgsFunction: cmdutil.CompleteFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Complete(args)
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	cmd.Flags().StringVarP(&o.format, "output", "o", "yaml", "Output format. One of: ("+strings.Join(renderFormats(), ", ")+").")
	cmd.Flags().StringVar(&o.dir, "output-dir", "", "Directory for -o dir, kustomize and helm. Must be empty or not exist.")
	cmd.Flags().BoolVar(&o.showSecrets, "show-secrets", false, "If true, print the values of Secrets and other credentials.")
	cmdutil.CompleteFlag(cmd, "output", renderFormats()...)
	cmdutil.CompleteFlagFunc(cmd, "output-dir", cmdutil.CompleteDirectories)
	return cmd
}

func renderFormats() []string { return []string{"yaml", "dir", "kustomize", "helm"} }

// run prints or writes nothing unless all files are valid.
func (o *renderOptions) run(ctx context.Context) error {
	switch {
	case !slices.Contains(renderFormats(), o.format):
		return fmt.Errorf("invalid output format %q: must be one of %s", o.format, strings.Join(renderFormats(), ", "))
	case o.format != "yaml" && o.dir == "":
		return fmt.Errorf("--output=%s requires --output-dir", o.format)
	case o.format == "yaml" && o.dir != "":
		return errors.New("--output-dir requires --output=dir, kustomize or helm")
	}
	namespace, err := kube.OfflineNamespace(o.getter, printer.Warner(o.streams.ErrOut))
	if err != nil {
		return err
	}
	b, err := blueprint.Load()
	if err != nil {
		return err
	}
	r, err := o.read(ctx, b, namespace, o.streams.In, o.streams.ErrOut)
	if err != nil {
		return err
	}
	shown := make([]render.Manifests, len(r.Rendered))
	for i, rendered := range r.Rendered {
		shown[i] = o.shown(rendered, o.streams.ErrOut)
	}
	if o.format != "yaml" {
		return r.Export(o.dir, blueprint.Format(o.format), shown)
	}
	for _, manifests := range shown {
		if _, err := o.streams.Out.Write(manifests.YAML()); err != nil {
			return err
		}
	}
	return nil
}

// shown returns the manifests to print, with masked credentials.
func (o *renderOptions) shown(rendered *render.Rendered, stderr io.Writer) render.Manifests {
	if o.showSecrets || o.format == "helm" {
		return rendered.Manifests
	}
	return masked(rendered.Recipe.Doc.Name, rendered.Manifests, stderr)
}

// masked masks the credentials in manifests and prints a warning if there are any.
func masked(file string, m render.Manifests, stderr io.Writer) render.Manifests {
	hidden, found := m.Masked()
	if found {
		printer.Warn(stderr, "%s: the values of Secrets are masked; use 'render --show-secrets' to print them", file)
	}
	return hidden
}
