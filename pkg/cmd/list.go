package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// errWatchEnded is returned by commands with --watch after Ctrl-C, which is how they
// end. It is not printed.
var errWatchEnded = errors.New("watch ended")

type listOptions struct {
	allNamespaces bool
	group         string
	selector      string
	watch         bool
	output        *printer.ListOutput

	started, grouped bool // the first printed list decides about the GROUP column of a watch

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// listItem is one release in the JSON and YAML of list.
type listItem struct {
	APIVersion     string              `json:"apiVersion"`
	Kind           string              `json:"kind"`
	Metadata       printer.ObjectMeta  `json:"metadata"`
	DeploymentName string              `json:"deploymentName"`
	WorkloadKind   string              `json:"workloadKind"`
	Images         []string            `json:"images"`
	Group          string              `json:"group,omitempty"`
	Endpoints      *progress.Endpoints `json:"endpoints,omitempty"` // not read for the plain table
	Ready          string              `json:"ready,omitempty"`     // ready/desired pods
	Health         deploy.Health       `json:"health,omitempty"`
	Revision       int                 `json:"revision"`
	Status         string              `json:"status"` // of Helm's record
	Updated        time.Time           `json:"updated"`
}

func newList(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &listOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "list",
		Aliases:    []string{"ls"},
		SuggestFor: []string{"get", "ps"},
		GroupID:    recipesGroup,
		Short:      "List deployed recipes",
		Long: heredoc.Doc(`
			List deployed recipes with the number of ready and desired pods.

			-l selects recipes by the labels of their workloads, such as
			app.kubernetes.io/name.`),
		Example: cmdutil.Examples(`
			# List the recipes in the current namespace
			kubectl blueprint list

			# List the members of a group and watch for changes
			kubectl blueprint list --group shop -w

			# Print the names of all recipes that are not ready, in all namespaces
			kubectl blueprint list -A -o json | jq -r '.items[] | select((.ready // "?") | split("/") | .[0] != .[1]) | .metadata.name'`),
		Args:              cmdutil.Args(0, 0),
		ValidArgsFunction: cmdutil.CompleteNothing,
		RunE:              func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.")
	cmd.Flags().StringVar(&o.group, "group", "", "List only the members of this deployment group.")
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false, "After listing the requested recipes, watch for changes.")
	kcmdutil.AddLabelSelectorFlagVar(cmd, &o.selector)
	cmdutil.CompleteFlagFunc(cmd, "selector", cmdutil.CompleteNothing)
	cmdutil.CompleteFlagFunc(cmd, "group", complete.Groups(getter))
	o.output = printer.NewListOutput(cmd)
	return cmd
}

func (o *listOptions) run(ctx context.Context) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	selector, err := labels.Parse(o.selector)
	if err != nil {
		return fmt.Errorf("invalid --selector: %w", err)
	}
	c, err := kube.Connect(o.getter)
	if err != nil {
		return err
	}
	if !o.watch {
		items, err := o.list(ctx, c, selector)
		if err != nil {
			return err
		}
		return o.print(items, c.Namespace)
	}
	changes, err := c.Changes(ctx, o.scope(c), ownership.HelmSelector, rollout.WorkloadKinds()...)
	if err != nil {
		return err
	}
	printed := map[string]string{} // the summary of each item
	for {
		items, err := o.list(ctx, c, selector)
		if ctx.Err() != nil {
			return errWatchEnded
		}
		if err != nil {
			return err
		}
		if err := o.printChanged(items, printed, c.Namespace); err != nil {
			return err
		}
		if _, open := <-changes; !open {
			return errWatchEnded
		}
	}
}

// printChanged prints the items that differ from those printed before.
func (o *listOptions) printChanged(items []listItem, printed map[string]string, namespace string) error {
	var changed []listItem
	before := maps.Clone(printed)
	clear(printed) // forgets releases that were removed
	for _, item := range items {
		key := item.Metadata.Namespace + "/" + item.Metadata.Name
		printed[key] = item.summary()
		if before[key] != printed[key] {
			changed = append(changed, item)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := o.print(changed, namespace); err != nil {
		return err
	}
	o.output.NoHeaders = true // as 'kubectl get -w' prints them once
	return nil
}

// summary is what a watch compares.
func (i listItem) summary() string {
	return strings.Join([]string{i.Ready, string(i.Health), i.Status, i.Endpoints.URL(), strconv.Itoa(i.Revision)}, "\x00")
}

func (o *listOptions) scope(c *kube.Cluster) string {
	if o.allNamespaces {
		return ""
	}
	return c.Namespace
}

func (o *listOptions) list(ctx context.Context, c *kube.Cluster, selector labels.Selector) ([]listItem, error) {
	listed, unknown, err := deploy.List(ctx, c, deploy.ListOptions{
		Namespace: o.scope(c), Group: o.group, Selector: selector, Readiness: o.output.Format != "name", Endpoints: o.output.Format != "name" && o.output.Format != "",
	})
	if err != nil {
		return nil, err
	}
	if unknown != nil {
		printer.Warn(o.streams.ErrOut, "could not determine readiness: %v", unknown)
	}
	items := make([]listItem, len(listed))
	for i, l := range listed {
		items[i] = newListItem(l)
	}
	return items, nil
}

func newListItem(l deploy.Listed) listItem {
	return listItem{
		APIVersion: objref.APIVersion, Kind: "Release", Metadata: printer.ObjectMeta{Name: l.Name, Namespace: l.Namespace, Labels: l.Labels},
		DeploymentName: l.DeploymentName, WorkloadKind: l.WorkloadKind, Images: l.Images, Group: l.Group, Ready: l.Ready, Health: l.Health, Endpoints: l.Endpoints,
		Revision: l.Revision, Status: l.Status, Updated: l.Updated,
	}
}

func (o *listOptions) print(items []listItem, namespace string) error {
	if len(items) == 0 && o.output.Human() {
		what := "deployed recipes"
		if o.group != "" {
			what += " of group " + o.group
		}
		return printer.PrintNoneFound(o.streams.ErrOut, what, namespace, o.allNamespaces)
	}
	if !o.started {
		o.started, o.grouped = true, slices.ContainsFunc(items, func(i listItem) bool { return i.Group != "" })
	}
	var names []string
	table := printer.Table{Columns: []printer.Column{
		{Name: "NAMESPACE", Wide: !o.allNamespaces}, {Name: "NAME"}, {Name: "KIND"}, {Name: "READY"}, {Name: "HEALTH"}, {Name: "REVISION"}, {Name: "STATUS"}, {Name: "UPDATED"},
		{Name: "GROUP", Wide: !o.grouped},
		{Name: "DEPLOYMENT-NAME", Wide: true}, {Name: "URL", Wide: true}, {Name: "IMAGES", Wide: true},
	}}
	for _, i := range items {
		names = append(names, i.Metadata.Name)
		table.Rows = append(table.Rows, []string{
			i.Metadata.Namespace, i.Metadata.Name, i.WorkloadKind, i.Ready, string(i.Health), strconv.Itoa(i.Revision), i.Status, duration.HumanDuration(time.Since(i.Updated)),
			i.Group, i.DeploymentName, i.Endpoints.URL(), strings.Join(i.Images, ","),
		})
	}
	return printer.PrintList(o.streams.Out, o.output, printer.NewList("ReleaseList", items), names, table)
}
