package secrets

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secretrefs"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type listOptions struct {
	names         []string // of `secrets get`; empty for all
	selector      string
	allNamespaces bool
	output        *cmdutil.Output

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// usedSecret is an entry of the public API with those who use the secret.
type usedSecret struct {
	secrets.Entry `json:",inline"`
	UsedBy        []secretrefs.Consumer `json:"used_by"`
}

func newList(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &listOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List secrets with their types, keys and users, never their values",
		Example: cmdutil.Examples(`
			# In the current namespace
			kubectl blueprint secrets list

			# In all namespaces, for a script
			kubectl blueprint secrets list -A -o json`),
		Args: cmdutil.Args(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "If present, list the secrets of all namespaces.")
	cmd.Flags().StringVarP(&o.selector, "selector", "l", "", "Label selector to filter on, as kubectl takes it (e.g. -l key1=value1,key2!=value2).")
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
	if o.allNamespaces {
		namespace = metav1.NamespaceAll
	}
	entries, err := o.entries(ctx, namespace)
	if err != nil {
		return err
	}
	switch {
	case o.output.Format == "name":
		for _, e := range entries {
			if err := cmdutil.PrintLine(o.streams.Out, "secret/%s", e.Name); err != nil {
				return err
			}
		}
		return nil
	case o.output.Format == "" && len(entries) == 0:
		return cmdutil.PrintNoneFound(o.streams.ErrOut, "secrets", namespace, o.allNamespaces)
	}
	used, err := o.withUsers(ctx, namespace, entries)
	if err != nil {
		return err
	}
	return o.print(used)
}

func (o *listOptions) entries(ctx context.Context, namespace string) ([]secrets.Entry, error) {
	client, err := kube.SecretsClient(o.getter)
	if err != nil {
		return nil, err
	}
	if len(o.names) == 0 {
		return secrets.List(ctx, client, namespace, o.selector)
	}
	entries := make([]secrets.Entry, len(o.names))
	for i, name := range o.names {
		if entries[i], err = secrets.Get(ctx, client, namespace, name); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func (o *listOptions) withUsers(ctx context.Context, namespace string, entries []secrets.Entry) ([]usedSecret, error) {
	users, _, err := findConsumers(ctx, o.getter, namespace)
	if err != nil {
		return nil, err
	}
	for _, note := range users.Notes() {
		cmdutil.Warn(o.streams.ErrOut, "USED BY is not complete: %s", note)
	}
	used := make([]usedSecret, len(entries))
	for i, e := range entries {
		used[i] = usedSecret{e, users.ConsumersOf(e.Namespace, e.Name)}
	}
	return used, nil
}

func (o *listOptions) print(entries []usedSecret) error {
	var data any = entries
	if len(o.names) == 1 {
		data = entries[0]
	}
	if done, err := o.output.Structured(o.streams.Out, data); done {
		return err
	}
	header := []string{"NAME", "TYPE", "KEYS", "USED BY", "AGE"}
	if o.allNamespaces {
		header = append([]string{"NAMESPACE"}, header...)
	}
	rows := make([][]string, len(entries))
	for i, e := range entries {
		usedBy := secretrefs.Names(e.UsedBy)
		if usedBy == "" {
			usedBy = "<none>"
		}
		rows[i] = []string{e.Name, string(e.Type), strings.Join(e.DataKeys, ","), usedBy, duration.HumanDuration(time.Since(e.Created))}
		if o.allNamespaces {
			rows[i] = append([]string{e.Namespace}, rows[i]...)
		}
	}
	return cmdutil.PrintTable(o.streams.Out, header, rows)
}
