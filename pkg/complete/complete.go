// Package complete completes what a cluster and files contain, in a shell: contexts,
// namespaces, releases, revisions, groups, containers and samples. An error completes
// nothing. It also owns the script through which kubectl completes the plugin. It knows
// no command.
package complete

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
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// ClusterFlags completes kubectl's flags that select a cluster.
func ClusterFlags(root *cobra.Command, getter genericclioptions.RESTClientGetter) {
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
		_ = root.RegisterFlagCompletionFunc(flag, names(list)) // fails for a flag that root does not have
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		file := slices.Contains([]string{"kubeconfig", "cache-dir", "certificate-authority", "client-certificate", "client-key"}, f.Name)
		if _, done := root.GetFlagCompletionFunc(f.Name); !done && !file && f.Value.Type() != "bool" {
			_ = root.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions)
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

// Releases completes at most the given number of arguments (0: any number) with the
// names of releases, each once, and with files if a command takes them.
func Releases(getter genericclioptions.RESTClientGetter, most int, files bool) cobra.CompletionFunc {
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

// Groups completes a deployment group.
func Groups(getter genericclioptions.RESTClientGetter) cobra.CompletionFunc {
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

// Revisions completes a release and one of its revisions.
func Revisions(getter genericclioptions.RESTClientGetter) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return Releases(getter, 1, false)(cmd, args, prefix)
		}
		var revisions []string
		for _, r := range history(getter, args[0]) {
			revisions = append(revisions, strconv.Itoa(r.Revision)+"\t"+source.Printable(r.Status+", "+r.Description))
		}
		return withPrefix(revisions, prefix), cobra.ShellCompDirectiveNoFileComp
	}
}

// Samples completes --sample with the samples of the catalogs among files and arguments.
func Samples(files *[]string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		b, err := blueprint.Load()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return withPrefix(b.Samples(append(slices.Clone(*files), args...)), prefix), cobra.ShellCompDirectiveNoFileComp
	}
}

func releases(getter genericclioptions.RESTClientGetter) []*release.Release {
	client, err := newClient(getter)
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
	client, err := newClient(getter)
	if err != nil {
		return nil
	}
	found, err := client.History(name)
	if err != nil {
		return nil
	}
	return found
}

func newClient(getter genericclioptions.RESTClientGetter) (*release.Client, error) {
	namespace, err := kube.Namespace(getter)
	if err != nil {
		return nil, err
	}
	return release.NewClient(getter, namespace)
}

func withPrefix(values []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return !strings.HasPrefix(v, prefix) })
}

// Containers completes the name of a container of the releases in the arguments,
// or of all releases.
func Containers(getter genericclioptions.RESTClientGetter) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var names []string
		for _, r := range releases(getter) {
			if len(args) > 0 && !slices.Contains(args, r.Name) {
				continue
			}
			for _, o := range r.Objects() {
				pods, err := podspec.Of(o)
				if err != nil {
					continue
				}
				for _, t := range pods.Templates {
					for _, c := range podspec.Containers(&t.Spec) {
						names = append(names, c.Name)
					}
				}
			}
		}
		slices.Sort(names)
		return withPrefix(slices.Compact(names), prefix), cobra.ShellCompDirectiveNoFileComp
	}
}
