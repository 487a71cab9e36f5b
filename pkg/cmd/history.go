package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

type historyOptions struct {
	name   string
	output *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// historyEntry is one revision in history's JSON and YAML.
type historyEntry struct {
	Revision    int       `json:"revision"`
	Updated     time.Time `json:"updated"`
	Status      string    `json:"status"`
	Changes     []string  `json:"changes"`
	Description string    `json:"description"`
}

func newHistory(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &historyOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "history NAME",
		GroupID: recipesGroup,
		Short:   "List the revisions of a deployed recipe",
		Long: heredoc.Doc(`
			List the revisions of a deployed recipe, and in which objects each differs
			from the one before: + added, ~ changed, - dropped. The last ten are kept.

			NAME is the name that 'kubectl blueprint list' shows, or the recipe's
			deployment_name.`),
		Example: cmdutil.Examples(`
			# What was deployed when
			kubectl blueprint history recipe-nim`),
		Args:              cmdutil.Args(1, 1),
		ValidArgsFunction: completeReleases(getter, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			o.name = args[0]
			return o.run()
		},
	}
	o.output = cmdutil.NewOutput(cmd, "json", "yaml")
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
	entries := make([]historyEntry, len(revisions))
	var before *release.Release
	for i, r := range revisions {
		entries[i] = historyEntry{r.Revision, r.Updated.UTC().Truncate(time.Second), r.Status, r.Changes(before), redact.ForObjects(r.Objects()...).Text(r.Description)}
		before = r
	}
	return o.print(entries)
}

func (o *historyOptions) print(entries []historyEntry) error {
	if done, err := o.output.Structured(o.streams.Out, entries); done {
		return err
	}
	var rows [][]string
	for i, e := range entries {
		changes := strings.Join(e.Changes, ", ")
		if i == 0 { // all that it has
			if changes = "+1 object"; len(e.Changes) != 1 {
				changes = fmt.Sprintf("+%d objects", len(e.Changes))
			}
		}
		rows = append(rows, []string{strconv.Itoa(e.Revision), duration.HumanDuration(time.Since(e.Updated)), e.Status, changes, e.Description})
	}
	return cmdutil.PrintTable(o.streams.Out, []string{"REVISION", "UPDATED", "STATUS", "CHANGES", "DESCRIPTION"}, rows)
}
