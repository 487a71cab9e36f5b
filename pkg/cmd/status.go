package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

type statusOptions struct {
	targetOptions
	watch  bool
	output *printer.ListOutput

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newStatus(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &statusOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "status (NAME | FILE)...",
		SuggestFor: []string{"describe"},
		GroupID:    recipesGroup,
		Short:      "Show the status of a deployed recipe",
		Long: heredoc.Doc(`
			Show the status of a deployed recipe: its workloads, pods and containers.

			For failing workloads, prints the cause with recent events and log lines. NAME
			is a name from 'kubectl blueprint list' or the deployment_name of a recipe;
			FILE is a recipe. Exits with status 1 unless everything is ready.`),
		Example: cmdutil.Examples(`
			# Show a recipe by name
			kubectl blueprint status nim

			# Show it again whenever it changes
			kubectl blueprint status nim -w

			# Print the state of each member of a group
			kubectl blueprint status group.yaml -o custom-columns=NAME:.metadata.name,READY:.ready`),
		Args:              o.validateArgs,
		ValidArgsFunction: complete.Releases(getter, 0, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.complete(args)
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	cmd.Flags().BoolVarP(&o.watch, "watch", "w", false, "After printing the status, watch for changes and print it again.")
	o.output = printer.NewListOutput(cmd)
	return cmd
}

func (o *statusOptions) run(ctx context.Context) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	c, err := kube.Connect(o.getter)
	if err != nil {
		return err
	}
	releases, err := release.NewClient(o.getter, c.Namespace)
	if err != nil {
		return err
	}
	found, missing := o.find(ctx, releases, c.Namespace, o.streams)
	if missing != nil && (len(found) == 0 || !errors.As(missing, new(deploy.NotDeployedError))) {
		return missing
	}
	notes := noteObserver{o.streams, sets.New[string]()}
	show := func(out io.Writer) error {
		all, err := deploy.StatusOf(ctx, c, releases, found, notes)
		if err != nil {
			return err
		}
		return errors.Join(o.print(out, all), missing)
	}
	if !o.watch {
		return show(o.streams.Out)
	}
	return o.follow(ctx, c, found, show)
}

// follow prints the status whenever it has changed, until it is interrupted.
func (o *statusOptions) follow(ctx context.Context, c *kube.Cluster, found []deploy.Deployed, show func(io.Writer) error) error {
	changes, err := c.Changes(ctx, c.Namespace, deploy.Selector(found), rollout.WatchedKinds()...)
	if err != nil {
		return err
	}
	out, last := o.streams.Out, ""
	for {
		var text bytes.Buffer
		err := show(color.Like(out, &text))
		if ctx.Err() != nil {
			return errWatchEnded
		}
		if err != nil && text.Len() == 0 {
			return err
		}
		if text.String() != last {
			if last != "" && o.output.Human() {
				_, _ = fmt.Fprintln(out)
			}
			last = text.String()
			if _, err := out.Write(text.Bytes()); err != nil {
				return err
			}
		}
		if _, open := <-changes; !open {
			return errWatchEnded
		}
	}
}

// noteObserver prints what cannot be observed, once.
type noteObserver struct {
	streams genericiooptions.IOStreams
	printed sets.Set[string]
}

func (n noteObserver) Change(c rollout.Change) {
	if c.Note != "" && !n.printed.Has(c.Note) {
		n.printed.Insert(c.Note)
		printer.Report(n.streams.ErrOut, "%s", c.Note)
	}
}

func (noteObserver) Tree([]rollout.Status) {}

// statusItem is one release in the JSON and YAML of status.
type statusItem struct {
	APIVersion string             `json:"apiVersion"`
	Kind       string             `json:"kind"`
	Metadata   printer.ObjectMeta `json:"metadata"`
	deploy.Status
}

func (o *statusOptions) print(out io.Writer, all []deploy.Status) error {
	var notReady, names []string
	var items []statusItem
	for _, s := range all {
		if !s.Ready {
			notReady = append(notReady, s.Name)
		}
		names = append(names, s.Name)
		items = append(items, statusItem{objref.APIVersion, "ReleaseStatus", printer.ObjectMeta{Name: s.Name, Namespace: s.Namespace}, s})
	}
	var err error
	if o.output.Human() {
		err = deploy.PrintStatus(out, all, o.output.Format == "wide")
	} else {
		err = printer.PrintList(out, o.output, printer.NewList("ReleaseStatusList", items), names, printer.Table{})
	}
	if err == nil && len(notReady) > 0 {
		err = fmt.Errorf("not ready: %s", strings.Join(notReady, ", "))
	}
	return err
}
