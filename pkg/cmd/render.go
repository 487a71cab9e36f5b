package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
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
		Use:     "render FILE...",
		GroupID: recipesGroup,
		Short:   "Print or export the manifests that recipes become, without a cluster",
		Long: heredoc.Doc(`
			Print or export the manifests that recipes become, without a cluster.

			The output is byte for byte that of 'helm template' with the embedded
			chart and the recipe as its values file; only credentials that a recipe
			has in clear text are masked, unless --show-secrets is given. FILE may be
			JSON or YAML, a recipe, a group or a catalogue, a directory of such
			files, or a dash for standard input.

			With -o dir, kustomize or helm the result goes into --output-dir, for
			Argo CD, Flux or kubectl: one file for each object, these with a
			kustomization.yaml, or the chart with a values file for each recipe.`),
		Example: cmdutil.Examples(`
			# Review a recipe
			kubectl blueprint render nim.json

			# Apply it without Helm
			kubectl blueprint render nim.json | kubectl apply -f -

			# Say what is particular to the cluster, as in Helm
			kubectl blueprint render nim.json --set cluster.ingress.domain=example.com

			# Keep all recipes of a directory in git as a kustomize base
			kubectl blueprint render recipes/ -o kustomize --output-dir base`),
		Args: cmdutil.Args(1, 0),
		RunE: func(cmd *cobra.Command, files []string) error { return o.run(cmd.Context(), files) },
	}
	o.addFlags(cmd)
	cmd.Flags().StringVarP(&o.format, "output", "o", "yaml", "Output format. One of: (yaml, dir, kustomize, helm).")
	cmd.Flags().StringVar(&o.dir, "output-dir", "", "The directory for -o dir, kustomize and helm. It must not exist, or be empty.")
	cmd.Flags().BoolVar(&o.showSecrets, "show-secrets", false, "If true, print the credentials that recipes have in clear text.")
	return cmd
}

// run prints and writes nothing unless every file is good.
func (o *renderOptions) run(ctx context.Context, files []string) error {
	formats := []string{"yaml", "dir", "kustomize", "helm"}
	switch {
	case !slices.Contains(formats, o.format):
		return fmt.Errorf("unknown output format %q: want one of yaml, dir, kustomize, helm", o.format)
	case (o.format == "yaml") != (o.dir == ""):
		return errors.New("--output-dir goes with -o dir, kustomize or helm, and these with it")
	}
	namespace, err := kube.OfflineNamespace(o.getter, cmdutil.Warner(o.streams.ErrOut))
	if err != nil {
		return err
	}
	b, err := blueprint.Load()
	if err != nil {
		return err
	}
	r, err := o.read(ctx, b, files, namespace, o.streams.In, o.streams.ErrOut)
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

// shown is what may be seen of a recipe's objects.
func (o *renderOptions) shown(rendered *render.Rendered, stderr io.Writer) render.Manifests {
	if o.showSecrets || o.format == "helm" {
		return rendered.Manifests
	}
	return masked(rendered.Recipe.Doc.Name, rendered.Manifests, stderr)
}

// masked masks what a recipe has in clear text, and says so.
func masked(file string, m render.Manifests, stderr io.Writer) render.Manifests {
	hidden, found := m.Masked()
	if found {
		cmdutil.Warn(stderr, "%s: the values of Secrets are masked; 'render --show-secrets' shows them", file)
	}
	return hidden
}
