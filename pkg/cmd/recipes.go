package cmd

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// recipeOptions are the flags of commands that read recipes.
type recipeOptions struct {
	sample  string
	cluster render.ClusterValues
}

func (o *recipeOptions) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.sample, "sample", "", "The sample to take from a catalogue file, by its name or its number.")
	addClusterFlags(cmd, &o.cluster)
}

func addClusterFlags(cmd *cobra.Command, values *render.ClusterValues) {
	cmd.Flags().StringArrayVar(&values.Files, "values", nil, "A `FILE` with values of the cluster, as in Helm. Can be given several times.")
	cmd.Flags().StringArrayVar(&values.Set, "set", nil, "A value of the cluster, as in Helm: cluster.`KEY=VALUE`. Can be given several times.")
}

// read reads and renders recipes. The error has all errors of all files; warnings go
// to stderr.
func (o *recipeOptions) read(ctx context.Context, b *blueprint.Blueprint, files []string, namespace string, stdin io.Reader, stderr io.Writer) (*blueprint.Recipes, error) {
	stdin = input.Stdin(ctx, stdin)
	values, err := o.cluster.Read(ctx, b.Schema, stdin)
	if err != nil {
		return nil, err
	}
	r, warnings, err := b.Read(ctx, blueprint.Options{Files: files, Stdin: stdin, Sample: o.sample, Namespace: namespace, Values: values})
	cmdutil.PrintWarnings(stderr, warnings)
	return r, err
}

// releases reads the recipes of one file as releases, wave by wave.
func (o *recipeOptions) releases(ctx context.Context, b *blueprint.Blueprint, file, namespace string, streams genericiooptions.IOStreams) ([][]*deploy.Release, error) {
	r, err := o.read(ctx, b, []string{file}, namespace, streams.In, streams.ErrOut)
	if err != nil {
		return nil, err
	}
	waves, err := r.Workloads()
	return deploy.Releases(waves), err
}

// reader returns a function that reads the recipes of a file without its warnings,
// which only matter to a deploy.
func (o *recipeOptions) reader(file, namespace string, streams genericiooptions.IOStreams) func(context.Context) ([][]*blueprint.Workload, error) {
	return func(ctx context.Context) ([][]*blueprint.Workload, error) {
		b, err := blueprint.Load()
		if err != nil {
			return nil, err
		}
		r, err := o.read(ctx, b, []string{file}, namespace, streams.In, io.Discard)
		if err != nil {
			return nil, err
		}
		return r.Workloads()
	}
}

// completeReleases completes the first argument with the names of releases. An
// error completes nothing.
func completeReleases(getter genericclioptions.RESTClientGetter, files cobra.ShellCompDirective) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		namespace, err := kube.Namespace(getter)
		if err != nil {
			return nil, files
		}
		releases, err := release.NewClient(getter, namespace)
		if err != nil {
			return nil, files
		}
		found, err := releases.List(blueprint.ChartName)
		if err != nil {
			return nil, files
		}
		var names []cobra.Completion
		for _, r := range found {
			if strings.HasPrefix(r.Name, prefix) {
				names = append(names, r.Name)
			}
		}
		return names, files
	}
}
