package cmd

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// completeClusterFlags completes kubectl's flags that select a cluster.
func completeClusterFlags(root *cobra.Command, getter genericclioptions.RESTClientGetter) {
	names := func(list func() []string) cobra.CompletionFunc {
		return func(_ *cobra.Command, _ []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return withPrefix(list(), prefix), cobra.ShellCompDirectiveNoFileComp
		}
	}
	kubeconfig := func(choose func(contexts, clusters, users []string) []string) func() []string {
		return func() []string {
			config, err := getter.ToRawKubeConfigLoader().RawConfig()
			if err != nil {
				return nil
			}
			return choose(slices.Sorted(maps.Keys(config.Contexts)), slices.Sorted(maps.Keys(config.Clusters)), slices.Sorted(maps.Keys(config.AuthInfos)))
		}
	}
	for flag, list := range map[string]func() []string{
		"namespace": func() []string { return namespaces(root, getter) },
		"context":   kubeconfig(func(contexts, _, _ []string) []string { return contexts }),
		"cluster":   kubeconfig(func(_, clusters, _ []string) []string { return clusters }),
		"user":      kubeconfig(func(_, _, users []string) []string { return users }),
	} {
		cmdutil.CompleteFlagFunc(root, flag, names(list))
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		file := slices.Contains([]string{"kubeconfig", "cache-dir", "certificate-authority", "client-certificate", "client-key"}, f.Name)
		if _, done := root.GetFlagCompletionFunc(f.Name); !done && !file && f.Value.Type() != "bool" {
			cmdutil.CompleteFlagFunc(root, f.Name, cmdutil.CompleteNothing)
		}
	})
}

func namespaces(root *cobra.Command, getter genericclioptions.RESTClientGetter) []string {
	c, err := kube.Connect(getter)
	if err != nil {
		return nil
	}
	list, err := c.Core.Namespaces().List(root.Context(), metav1.ListOptions{})
	if err != nil {
		return nil
	}
	var names []string
	for _, n := range list.Items {
		names = append(names, n.Name)
	}
	return names
}

// completeReleases completes arguments with the names of releases, each once, and
// with files if a command takes them. An error completes nothing.
func completeReleases(getter genericclioptions.RESTClientGetter, most int, files bool) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		if files {
			directive = cobra.ShellCompDirectiveDefault
		}
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []string
		for _, r := range releases(getter) {
			if !slices.Contains(args, r.Name) {
				names = append(names, r.Name)
			}
		}
		return withPrefix(names, prefix), directive
	}
}

// completeGroups completes a deployment group.
func completeGroups(getter genericclioptions.RESTClientGetter) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var groups []string
		for _, r := range releases(getter) {
			if r.Group != "" && !slices.Contains(groups, r.Group) {
				groups = append(groups, r.Group)
			}
		}
		return withPrefix(groups, prefix), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeRevisions completes a release and one of its revisions.
func completeRevisions(getter genericclioptions.RESTClientGetter) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return completeReleases(getter, 1, false)(cmd, args, prefix)
		}
		var revisions []string
		for _, r := range history(getter, args[0]) {
			revisions = append(revisions, strconv.Itoa(r.Revision)+"\t"+source.Printable(r.Status+", "+r.Description))
		}
		return withPrefix(revisions, prefix), cobra.ShellCompDirectiveNoFileComp
	}
}

// completeSamples completes --sample with the samples of the catalogs among the
// files.
func completeSamples(o *recipeOptions) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		b, err := blueprint.Load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return withPrefix(b.Samples(append(slices.Clone(o.Names), args...)), prefix), cobra.ShellCompDirectiveNoFileComp
	}
}

func releases(getter genericclioptions.RESTClientGetter) []*release.Release {
	client, err := clientForCompletion(getter)
	if err != nil {
		return nil
	}
	found, err := client.List(blueprint.ChartName)
	if err != nil {
		return nil
	}
	return found
}

func history(getter genericclioptions.RESTClientGetter, name string) []*release.Release {
	client, err := clientForCompletion(getter)
	if err != nil {
		return nil
	}
	found, err := client.History(name)
	if err != nil {
		return nil
	}
	return found
}

func clientForCompletion(getter genericclioptions.RESTClientGetter) (*release.Client, error) {
	namespace, err := kube.Namespace(getter)
	if err != nil {
		return nil, err
	}
	return release.NewClient(getter, namespace)
}

func withPrefix(values []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !strings.HasPrefix(v, prefix) })
}
