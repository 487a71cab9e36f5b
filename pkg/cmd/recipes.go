package cmd

import (
	"context"
	"io"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// recipeOptions are the flags of commands that read recipes.
type recipeOptions struct {
	cmdutil.FileOptions
	sample  string
	cluster render.ClusterValues
}

func (o *recipeOptions) addFlags(cmd *cobra.Command) {
	o.AddFlags(cmd, "with recipes, groups or catalogs.")
	cmd.Flags().StringVar(&o.sample, "sample", "", "Name or number of the sample to use from a catalog.")
	cmdutil.CompleteFlagFunc(cmd, "sample", complete.Samples(&o.Names))
	addClusterFlags(cmd, &o.cluster)
}

func addClusterFlags(cmd *cobra.Command, values *render.ClusterValues) {
	cmd.Flags().StringArrayVar(&values.Files, "values", nil, "YAML `FILE` with cluster values, as in Helm. May be repeated.")
	cmd.Flags().StringArrayVar(&values.Set, "set", nil, "Set a cluster value, as in Helm: cluster.`KEY=VALUE`. May be repeated.")
	cmdutil.CompleteFlagFunc(cmd, "values", cmdutil.CompleteFiles)
	cmdutil.CompleteFlagFunc(cmd, "set", cmdutil.CompleteNothing)
}

// read reads and renders the recipes. The error has all errors of all files; warnings
// go to stderr.
func (o *recipeOptions) read(ctx context.Context, b *blueprint.Blueprint, namespace string, stdin io.Reader, stderr io.Writer) (*blueprint.Recipes, error) {
	stdin = input.Stdin(ctx, stdin)
	values, err := o.cluster.Read(ctx, b.Schema, stdin)
	if err != nil {
		return nil, err
	}
	r, warnings, err := b.Read(ctx, blueprint.Options{Files: o.Names, Recursive: o.Recursive, Stdin: stdin, Sample: o.sample, Namespace: namespace, Values: values})
	printer.PrintWarnings(stderr, warnings)
	return r, err
}

// releases reads the recipes as releases, wave by wave.
func (o *recipeOptions) releases(ctx context.Context, b *blueprint.Blueprint, namespace string, streams genericiooptions.IOStreams) ([][]*deploy.Release, error) {
	r, err := o.read(ctx, b, namespace, streams.In, streams.ErrOut)
	if err != nil {
		return nil, err
	}
	waves, err := r.Workloads()
	return deploy.Releases(waves), err
}

// targetOptions are the releases of a command, named as arguments, or by their recipes
// as arguments or with -f.
type targetOptions struct {
	recipeOptions
	releases []string
}

// complete sorts the arguments into names of releases and files.
func (o *targetOptions) complete(args []string) {
	for _, arg := range args {
		if input.IsPath(arg) {
			o.Names = append(o.Names, arg)
		} else {
			o.releases = append(o.releases, arg)
		}
	}
}

// validateArgs requires a name or a file.
func (o *targetOptions) validateArgs(cmd *cobra.Command, args []string) error {
	if len(o.Names) > 0 {
		return nil
	}
	return cmdutil.Args(1, 0)(cmd, args)
}

// find returns the targets in the order of removal. The error is a NotDeployedError
// for each name without a release.
func (o *targetOptions) find(ctx context.Context, client *release.Client, namespace string, streams genericiooptions.IOStreams) ([]deploy.Deployed, error) {
	var waves [][]*blueprint.Workload
	if len(o.Names) > 0 {
		b, err := blueprint.Load()
		if err != nil {
			return nil, err
		}
		r, err := o.read(ctx, b, namespace, streams.In, io.Discard) // warnings only matter to a deploy
		if err != nil {
			return nil, err
		}
		if waves, err = r.Workloads(); err != nil {
			return nil, err
		}
	}
	return deploy.FindDeployed(client, namespace, o.releases, waves)
}
