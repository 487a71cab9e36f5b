package cmd

import (
	"strconv"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

type historyOptions struct {
	name   string
	output *printer.ListOutput

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// revisionItem is one revision in the JSON and YAML of history.
type revisionItem struct {
	APIVersion  string             `json:"apiVersion"`
	Kind        string             `json:"kind"`
	Metadata    printer.ObjectMeta `json:"metadata"` // of the release
	Revision    int                `json:"revision"`
	Updated     time.Time          `json:"updated"`
	Status      string             `json:"status"` // of Helm's record
	Rollout     string             `json:"rollout,omitempty"`
	Changes     []string           `json:"changes"`
	Description string             `json:"description"`
}

func newHistory(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &historyOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "history NAME",
		GroupID: recipesGroup,
		Short:   "Show the revisions of a deployed recipe",
		Long: heredoc.Doc(`
			Show the revisions of a deployed recipe and the objects that each one changed:
			+ added, ~ changed, - removed. The last ten revisions are kept.

			NAME is a name from 'kubectl blueprint list' or the deployment_name of a recipe.`),
		Example: cmdutil.Examples(`
			# Show when and what was deployed
			kubectl blueprint history nim

			# Print the revision numbers
			kubectl blueprint history nim -o name`),
		Args:              cmdutil.Args(1, 1),
		ValidArgsFunction: complete.Releases(getter, 1, false),
		RunE: func(_ *cobra.Command, args []string) error {
			o.name = args[0]
			return o.run()
		},
	}
	o.output = printer.NewListOutput(cmd)
	return cmd
}

func (o *historyOptions) run() error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, namespace)
	if err != nil {
		return err
	}
	name, err := deploy.FindNamed(releases, namespace, o.name)
	if err != nil {
		return err
	}
	revisions, err := releases.History(name)
	if err != nil {
		return err
	}
	items := make([]revisionItem, len(revisions))
	var previous *release.Release
	for i, r := range revisions {
		items[i] = revisionItem{
			APIVersion: objref.APIVersion, Kind: "Revision", Metadata: printer.ObjectMeta{Name: r.Name, Namespace: r.Namespace},
			Revision: r.Revision, Updated: r.Updated.UTC().Truncate(time.Second), Status: r.Status, Changes: r.Changes(previous),
			Description: redact.ForObjects(r.Objects()...).Text(r.Description),
		}
		if r.RolloutFailed {
			items[i].Rollout = "failed"
		}
		previous = r
	}
	return o.print(items)
}

func (o *historyOptions) print(items []revisionItem) error {
	var names []string
	table := printer.Table{Columns: []printer.Column{{Name: "REVISION"}, {Name: "UPDATED"}, {Name: "STATUS"}, {Name: "CHANGES"}, {Name: "DESCRIPTION"}}}
	for i, r := range items {
		changes := strings.Join(r.Changes, ", ")
		if i == 0 { // it added all of its objects
			changes = "+" + source.Count(len(r.Changes), "object")
		}
		names = append(names, strconv.Itoa(r.Revision))
		table.Rows = append(table.Rows, []string{strconv.Itoa(r.Revision), duration.HumanDuration(time.Since(r.Updated)), r.Status, changes, r.Description})
	}
	return printer.PrintList(o.streams.Out, o.output, printer.NewList("RevisionList", items), names, table)
}
