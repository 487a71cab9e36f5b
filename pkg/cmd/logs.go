package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/deploy"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

type logsOptions struct {
	targetOptions
	logs deploy.Logs

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newLogs(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &logsOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:        "logs (NAME | FILE)...",
		SuggestFor: []string{"log"},
		GroupID:    recipesGroup,
		Short:      "Print the logs of a deployed recipe",
		Long: heredoc.Doc(`
			Print the logs of all pods and containers of a deployed recipe, including init
			containers and the workers of a LeaderWorkerSet.

			Each line starts with its pod and container. Masks the values of Secrets that the
			pods read, if you have permission to get these Secrets. NAME is a name from
			'kubectl blueprint list' or the deployment_name of a recipe; FILE is a recipe.

			With -f, also prints the logs of restarted containers and of pods that are
			created later, until you press Ctrl-C.`),
		Example: cmdutil.Examples(`
			# Print the logs of a recipe
			kubectl blueprint logs nim

			# Follow the logs across restarts and updates
			kubectl blueprint logs nim -f --tail=20

			# Print why a container crashed
			kubectl blueprint logs nim --previous -c main`),
		Args:              o.validateArgs,
		ValidArgsFunction: complete.Releases(getter, 0, true),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.complete(args)
			return o.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&o.logs.Follow, "follow", "f", false, "Specify if the logs should be streamed.")
	flags.BoolVarP(&o.logs.Previous, "previous", "p", false, "If true, print the logs for the previous instance of the container in a pod if it exists.")
	flags.Int64Var(&o.logs.Tail, "tail", -1, "Lines of recent log file to display per container. Defaults to -1, showing all log lines.")
	flags.DurationVar(&o.logs.Since, "since", 0, "Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs.")
	flags.StringVarP(&o.logs.Container, "container", "c", "", "Print the logs of this container only.")
	flags.StringVar(&o.sample, "sample", "", "Name or number of the sample to use from a catalog.")
	cmd.MarkFlagsMutuallyExclusive("follow", "previous")
	cmdutil.CompleteFlagFunc(cmd, "tail", cmdutil.CompleteNothing)
	cmdutil.CompleteFlagFunc(cmd, "since", cmdutil.CompleteNothing)
	cmdutil.CompleteFlagFunc(cmd, "container", complete.Containers(getter))
	cmdutil.CompleteFlagFunc(cmd, "sample", complete.Samples(&o.Names))
	return cmd
}

func (o *logsOptions) run(ctx context.Context) error {
	switch {
	case o.logs.Tail < -1:
		return errors.New("--tail must be greater than or equal to -1")
	case o.logs.Since < 0:
		return errors.New("--since must be positive")
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
	deployed := slices.ContainsFunc(found, func(d deploy.Deployed) bool { return d.Release != "" })
	if missing != nil && (!deployed || !errors.As(missing, new(deploy.NotDeployedError))) {
		return missing
	}
	o.logs.Cluster, o.logs.Note = c, printer.Reporter(o.streams.ErrOut)
	o.logs.Print = linePrinter(o.streams.Out)
	if err := o.logs.Run(ctx, releases, found); err != nil {
		return errors.Join(err, missing)
	}
	if o.logs.Follow && ctx.Err() != nil {
		return errWatchEnded
	}
	return missing
}

// linePrinter returns a function that prints a line with kubectl's prefix of a pod and a
// container, in the color of the pod.
func linePrinter(out io.Writer) func(deploy.LogLine) error {
	codes := []color.Code{color.Cyan, color.Green, color.Magenta, color.Yellow, color.Blue, color.Red}
	colors := map[string]color.Code{}
	return func(l deploy.LogLine) error {
		code, known := colors[l.Pod]
		if !known {
			code = codes[len(colors)%len(codes)]
			colors[l.Pod] = code
		}
		_, err := fmt.Fprintf(out, "%s %s\n", color.Text(out, code, "[pod/"+l.Pod+"/"+l.Container+"]"), source.Printable(l.Text))
		return err
	}
}
