package cmd

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

type listOptions struct {
	allNamespaces bool
	group         string
	output        *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// listEntry is one release in list's JSON and YAML.
type listEntry struct {
	Name           string    `json:"name"`
	Namespace      string    `json:"namespace"`
	DeploymentName string    `json:"deployment_name"`
	Kind           string    `json:"kind"`
	Group          string    `json:"group,omitempty"`
	Ready          string    `json:"ready,omitempty"`
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
		Example: cmdutil.Examples(`
			# In the current namespace
			kubectl blueprint list

			# The members of a group
			kubectl blueprint list --group shop

			# In all namespaces, for a script
			kubectl blueprint list -A -o json`),
		Args: cmdutil.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "If present, list the recipes of all namespaces.")
	cmd.Flags().StringVar(&o.group, "group", "", "The group whose members to list.")
	o.output = cmdutil.NewOutput(cmd, "json", "yaml", "name")
	return cmd
}

func (o *listOptions) run(ctx context.Context) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	namespace, err := kube.Namespace(o.getter)
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
	found, err := releases.List(blueprint.ChartName)
	if err != nil {
		return err
	}
	if o.group != "" {
		found = slices.DeleteFunc(found, func(r *release.Release) bool { return r.Group != release.GroupLabel(o.group) })
	}
	readiness := deploy.Readiness{Scope: scope}
	if o.output.Format != "name" {
		if readiness.Cluster, err = kube.Connect(o.getter); err != nil {
			return err
		}
	}
	entries := make([]listEntry, len(found))
	for i, r := range found {
		entries[i] = newListEntry(r)
		entries[i].Ready = readiness.Of(ctx, r)
	}
	if err := readiness.Err(); err != nil {
		cmdutil.Warn(o.streams.ErrOut, "what is ready is not known: %v", err)
	}
	return o.print(entries, namespace)
}

func newListEntry(r *release.Release) listEntry {
	objects := r.Objects()
	entry := listEntry{Name: r.Name, Namespace: r.Namespace, DeploymentName: blueprint.DeploymentNameOf(objects), Group: r.Group, Revision: r.Revision, Status: r.Status, Updated: r.Updated.UTC().Truncate(time.Second)}
	for _, o := range objects {
		if rollout.IsWorkload(o) {
			entry.Kind = o.GetKind()
		}
	}
	return entry
}

func (o *listOptions) print(entries []listEntry, namespace string) error {
	if done, err := o.output.Structured(o.streams.Out, entries); done {
		return err
	}
	if o.output.Format == "name" {
		for _, e := range entries {
			if err := cmdutil.PrintLine(o.streams.Out, "%s", e.Name); err != nil {
				return err
			}
		}
		return nil
	}
	if len(entries) == 0 {
		what := "deployed recipes"
		if o.group != "" {
			what += " of group " + o.group
		}
		return cmdutil.PrintNoneFound(o.streams.ErrOut, what, namespace, o.allNamespaces)
	}
	header := []string{"NAME", "DEPLOYMENT NAME", "KIND", "READY", "REVISION", "STATUS", "UPDATED"}
	grouped := slices.ContainsFunc(entries, func(e listEntry) bool { return e.Group != "" })
	var rows [][]string
	for _, e := range entries {
		row := []string{e.Name, e.DeploymentName, e.Kind, e.Ready, strconv.Itoa(e.Revision), e.Status, duration.HumanDuration(time.Since(e.Updated))}
		if o.allNamespaces {
			row = append([]string{e.Namespace}, row...)
		}
		if grouped {
			row = append(row, e.Group)
		}
		rows = append(rows, row)
	}
	if o.allNamespaces {
		header = append([]string{"NAMESPACE"}, header...)
	}
	if grouped {
		header = append(header, "GROUP")
	}
	return cmdutil.PrintTable(o.streams.Out, header, rows)
}
