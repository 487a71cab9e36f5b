package cmd

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

type statusOptions struct {
	recipeOptions
	target string
	output *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newStatus(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &statusOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "status NAME|FILE",
		GroupID: recipesGroup,
		Short:   "Show how a deployed recipe is, and what is wrong with it",
		Long: heredoc.Doc(`
			Show how a deployed recipe is, and what is wrong with it.

			Each workload, pod and container is shown with what the controllers, the
			scheduler and the kubelet say of it. Of what does not work the cause follows,
			with the events and the last lines of the log that bear it out. NAME and FILE
			are those of 'kubectl blueprint undeploy'. The exit code is 1 unless all is
			ready.`),
		Example: cmdutil.Examples(`
			# By name
			kubectl blueprint status recipe-nim

			# A group, for a script
			kubectl blueprint status group.json -o json`),
		Args:              cmdutil.Args(1, 1),
		ValidArgsFunction: completeReleases(getter, cobra.ShellCompDirectiveDefault),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.target = args[0]
			return o.run(cmd.Context())
		},
	}
	o.addFlags(cmd)
	o.output = cmdutil.NewOutput(cmd, "json", "yaml")
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
	found, err := deploy.FindDeployed(ctx, releases, c.Namespace, o.target, o.reader(o.target, c.Namespace, o.streams))
	if err != nil {
		return err
	}
	all, err := deploy.StatusOf(ctx, c, releases, found, noteObserver{o.streams})
	if err != nil {
		return err
	}
	return o.print(all)
}

// noteObserver tells what can't be seen.
type noteObserver struct{ streams genericiooptions.IOStreams }

func (n noteObserver) Change(c rollout.Change) {
	if c.Note != "" {
		cmdutil.Report(n.streams.ErrOut, "%s", c.Note)
	}
}

func (noteObserver) Tree([]rollout.Status) {}

func (o *statusOptions) print(all []deploy.Status) error {
	var broken []string
	for _, s := range all {
		if !s.Ready {
			broken = append(broken, s.Name)
		}
	}
	done, err := o.output.Structured(o.streams.Out, all)
	if err != nil {
		return err
	}
	if !done {
		if err := o.printTrees(all); err != nil {
			return err
		}
	}
	if len(broken) > 0 {
		return fmt.Errorf("not ready: %s", strings.Join(broken, ", "))
	}
	return nil
}

func (o *statusOptions) printTrees(all []deploy.Status) error {
	text := &bytes.Buffer{}
	say := cmdutil.Reporter(text)
	for _, s := range all {
		halfway := ""
		if s.Status != "deployed" { // a removal that was cut off, or what helm could not send
			halfway = ": " + s.Status + ": " + s.Description
		}
		say("%s, revision %d, in namespace %s%s", s.Name, s.Revision, s.Namespace, halfway)
		for _, line := range s.Objects {
			name := line.Object
			if line.Container != "" {
				name = line.Container
			}
			say("  %s%s %s: %s", strings.Repeat("  ", line.Depth), progress.Sign(line.State), name, line.Text())
		}
		for _, line := range s.Deleting {
			say("  %s", line)
		}
		if s.Failure != nil {
			progress.PrintFailure(text, s.Name, s.Failure)
		}
	}
	_, err := o.streams.Out.Write(text.Bytes())
	return err
}
