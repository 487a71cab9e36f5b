package cmd

import (
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

type listOptions struct {
	allNamespaces bool
	output        *output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// listEntry is one release in list's JSON and YAML.
type listEntry struct {
	Name           string    `json:"name"`
	Namespace      string    `json:"namespace"`
	DeploymentName string    `json:"deployment_name"`
	Kind           string    `json:"kind"`
	Revision       int       `json:"revision"`
	Status         string    `json:"status"`
	Updated        time.Time `json:"updated"`
}

func newList(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &listOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		GroupID: recipesGroup,
		Short:   "List the recipes that are deployed",
		Example: examples(`
			# In the current namespace
			kubectl blueprint list

			# In all namespaces, for a script
			kubectl blueprint list -A -o json`),
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return o.run() },
	}
	cmd.Flags().BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "If present, list the recipes of all namespaces.")
	o.output = newOutput(cmd, "json", "yaml", "name")
	return cmd
}

func (o *listOptions) run() error {
	if err := o.output.validate(); err != nil {
		return err
	}
	namespace, err := namespaceOf(o.getter)
	if err != nil {
		return err
	}
	scope := namespace
	if o.allNamespaces {
		scope = ""
	}
	releases, err := release.NewClient(o.getter, scope)
	if err != nil {
		return err
	}
	found, err := releases.List(chartName)
	if err != nil {
		return err
	}
	entries := make([]listEntry, len(found))
	for i, r := range found {
		entries[i] = newListEntry(r)
	}
	return o.print(entries, namespace)
}

func newListEntry(r *release.Release) listEntry {
	entry := listEntry{Name: r.Name, Namespace: r.Namespace, Revision: r.Revision, Status: r.Status, Updated: r.Updated.UTC().Truncate(time.Second)}
	for _, o := range r.Objects() {
		entry.DeploymentName = o.GetAnnotations()[render.DeploymentNameAnnotation]
		if rollout.IsWorkload(o) {
			entry.Kind = o.GetKind()
		}
	}
	return entry
}

func (o *listOptions) print(entries []listEntry, namespace string) error {
	if done, err := o.output.structured(o.streams.Out, entries); done {
		return err
	}
	if o.output.format == "name" {
		for _, e := range entries {
			_, _ = fmt.Fprintln(o.streams.Out, e.Name)
		}
		return nil
	}
	if len(entries) == 0 {
		return noneFound(o.streams.ErrOut, "deployed recipes", namespace, o.allNamespaces)
	}
	header := []string{"NAME", "DEPLOYMENT NAME", "KIND", "REVISION", "STATUS", "UPDATED"}
	var rows [][]string
	for _, e := range entries {
		row := []string{e.Name, e.DeploymentName, e.Kind, strconv.Itoa(e.Revision), e.Status, duration.HumanDuration(time.Since(e.Updated))}
		if o.allNamespaces {
			row = append([]string{e.Namespace}, row...)
		}
		rows = append(rows, row)
	}
	if o.allNamespaces {
		header = append([]string{"NAMESPACE"}, header...)
	}
	return table(o.streams.Out, header, rows)
}
