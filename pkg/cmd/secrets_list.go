package cmd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type secretsListOptions struct {
	selector      string
	allNamespaces bool
	output        *output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

func newSecretsList(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &secretsListOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List secrets with their types and keys, never their values",
		Example: examples(`
			# In the current namespace
			kubectl blueprint secrets list

			# In all namespaces, for a script
			kubectl blueprint secrets list -A -o json`),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "If present, list the secrets of all namespaces.")
	cmd.Flags().StringVarP(&o.selector, "selector", "l", "", "Label selector to filter on, as kubectl takes it (e.g. -l key1=value1,key2!=value2).")
	o.output = newOutput(cmd, "json", "yaml", "name")
	return cmd
}

func (o *secretsListOptions) run(ctx context.Context) error {
	if err := o.output.validate(); err != nil {
		return err
	}
	namespace, err := namespaceOf(o.getter)
	if err != nil {
		return err
	}
	if o.allNamespaces {
		namespace = metav1.NamespaceAll
	}
	client, err := secretsClient(o.getter)
	if err != nil {
		return err
	}
	entries, err := secrets.List(ctx, client, namespace, o.selector)
	if err != nil {
		return err
	}
	if len(entries) == 0 && o.output.format == "" {
		return noneFound(o.streams.ErrOut, "secrets", namespace, o.allNamespaces)
	}
	return printEntries(o.streams, o.output, entries, entries, o.allNamespaces)
}

func newSecretsGet(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	var out *output
	cmd := &cobra.Command{
		Use:   "get NAME",
		Short: "Show one secret's type and keys, never its values",
		Long: heredoc.Doc(`
			Show one secret's type and keys, never its values.

			For the values themselves there is 'kubectl get secret NAME -o yaml'.`),
		Example: examples(`
			kubectl blueprint secrets get hf-secret`),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := out.validate(); err != nil {
				return err
			}
			namespace, err := namespaceOf(getter)
			if err != nil {
				return err
			}
			client, err := secretsClient(getter)
			if err != nil {
				return err
			}
			entry, err := secrets.Get(cmd.Context(), client, namespace, args[0])
			if err != nil {
				return err
			}
			return printEntries(streams, out, entry, []secrets.Entry{entry}, false)
		},
	}
	out = newOutput(cmd, "json", "yaml", "name")
	return cmd
}

// printEntries writes entries as a table or names, or data as JSON or YAML.
func printEntries(streams genericiooptions.IOStreams, out *output, data any, entries []secrets.Entry, withNamespace bool) error {
	if done, err := out.structured(streams.Out, data); done {
		return err
	}
	header := []string{"NAME", "TYPE", "KEYS", "AGE"}
	if withNamespace {
		header = append([]string{"NAMESPACE"}, header...)
	}
	var rows [][]string
	for _, e := range entries {
		if out.format == "name" {
			_, _ = fmt.Fprintf(streams.Out, "secret/%s\n", e.Name)
			continue
		}
		row := []string{e.Name, string(e.Type), strings.Join(e.DataKeys, ","), duration.HumanDuration(time.Since(e.Created))}
		if withNamespace {
			row = append([]string{e.Namespace}, row...)
		}
		rows = append(rows, row)
	}
	if out.format == "name" {
		return nil
	}
	return table(streams.Out, header, rows)
}
