package cmd

import (
	"errors"
	"io"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ask"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/complete"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
)

func newAsk(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	var q ask.Question
	var output *printer.Output
	cmd := &cobra.Command{
		Use:        "ask NAME [QUESTION | -]",
		SuggestFor: []string{"chat", "prompt"},
		GroupID:    recipesGroup,
		Short:      "Send a question to a deployed model",
		Long: heredoc.Doc(`
			Send a question to the OpenAI-compatible API of a deployed recipe and print the
			answer as it arrives.

			Connects to a ready pod as 'kubectl port-forward' does, with the API key that
			its main container has from a Secret. Reads the question from standard input
			if it is "-", or missing in a pipe. Prints the time to the first token and the
			tokens per second to stderr.`),
		Example: cmdutil.Examples(`
			# Ask a question
			kubectl blueprint ask nim "What is a pod?"

			# Choose one of several models, and set the system prompt
			kubectl blueprint ask nim "What is a pod?" --model llama --system "Answer in one sentence."

			# Ask about a file
			kubectl blueprint ask nim - < question.txt`),
		Args:              cmdutil.Args(1, 2),
		ValidArgsFunction: complete.Releases(getter, 1, false),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err = output.Validate(); err != nil {
				return err
			}
			if q.Text, err = input.Argument(cmd.Context(), "QUESTION", args[1:], streams.In); err != nil {
				return err
			}
			c, err := kube.Connect(getter)
			if err != nil {
				return err
			}
			out := streams.Out
			if output.Format != "" {
				out = io.Discard
			}
			text := printer.NewStream(out)
			answer, err := ask.Deployed(cmd.Context(), c, args[0], q, text.Print)
			if err = errors.Join(text.End(), err); err != nil {
				return err
			}
			printer.Report(streams.ErrOut, "%s", answer.Timings)
			_, err = output.Structured(streams.Out, answer)
			return err
		},
	}
	cmd.Flags().StringVar(&q.Model, "model", "", "ID of the model to ask. Required if the server has several.")
	cmd.Flags().StringVar(&q.System, "system", "", "System prompt to send before the question.")
	cmd.Flags().DurationVar(&q.Timeout, "timeout", 5*time.Minute, "Maximum time to wait for the complete answer.")
	for _, flag := range []string{"model", "system", "timeout"} {
		cmdutil.CompleteFlagFunc(cmd, flag, cmdutil.CompleteNothing)
	}
	output = printer.NewOutput(cmd, "json", "yaml")
	return cmd
}
