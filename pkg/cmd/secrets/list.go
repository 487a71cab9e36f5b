package secrets

import (
	"context"
	"strings"
	"time"

	"github.com/MakeNowJust/heredoc"
	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secretrefs"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

type listOptions struct {
	names         []string // the arguments of `secrets get`; empty for all Secrets
	selector      string
	allNamespaces bool
	output        *printer.ListOutput

	getter  genericclioptions.RESTClientGetter
	streams genericiooptions.IOStreams
}

// usedSecret is an entry of the public API with the consumers of the Secret.
type usedSecret struct {
	secrets.Entry `json:",inline"`
	UsedBy        []secretrefs.Consumer `json:"used_by"`
}

// secretItem is an entry for templates and columns.
type secretItem struct {
	APIVersion string             `json:"apiVersion"`
	Kind       string             `json:"kind"`
	Metadata   printer.ObjectMeta `json:"metadata"`
	usedSecret `json:",inline"`
}

func newList(getter genericclioptions.RESTClientGetter, streams genericiooptions.IOStreams) *cobra.Command {
	o := &listOptions{getter: getter, streams: streams}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List Secrets with types, keys and consumers",
		Long: heredoc.Doc(`
			List Secrets with types, keys and consumers: workloads, pods and ServiceAccounts
			that refer to the Secret. Never prints values.`),
		Example: cmdutil.Examples(`
			# List the Secrets in the current namespace
			kubectl blueprint secrets list

			# List the Secrets in all namespaces as JSON
			kubectl blueprint secrets list -A -o json

			# Print the names of opaque Secrets without consumers
			kubectl blueprint secrets list -o json | jq -r '.[] | select(.type == "Opaque" and .used_by == []) | .name'`),
		Args:              cmdutil.Args(0, 0),
		ValidArgsFunction: cmdutil.CompleteNothing,
		RunE:              func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "If present, list the requested object(s) across all namespaces. Namespace in current context is ignored even if specified with --namespace.")
	kcmdutil.AddLabelSelectorFlagVar(cmd, &o.selector)
	cmdutil.CompleteFlagFunc(cmd, "selector", cmdutil.CompleteNothing)
	o.output = printer.NewListOutput(cmd)
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
	if o.output.Human() && len(entries) == 0 {
		return printer.PrintNoneFound(o.streams.ErrOut, "Secrets", namespace, o.allNamespaces)
	}
	if o.output.Format == "name" { // needs no consumers
		return o.print(make([]usedSecret, 0), names(entries))
	}
	used, err := o.withConsumers(ctx, namespace, entries)
	if err != nil {
		return err
	}
	return o.print(used, names(entries))
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

func (o *listOptions) withConsumers(ctx context.Context, namespace string, entries []secrets.Entry) ([]usedSecret, error) {
	consumers, _, err := findConsumers(ctx, o.getter, namespace, o.streams.ErrOut)
	if err != nil {
		return nil, err
	}
	used := make([]usedSecret, len(entries))
	for i, e := range entries {
		used[i] = usedSecret{e, consumers.ConsumersOf(e.Namespace, e.Name)}
	}
	return used, nil
}

// print writes the entries. JSON and YAML have the format of the public API, templates and
// columns see objects in the form of Kubernetes.
func (o *listOptions) print(entries []usedSecret, names []string) error {
	single := len(o.names) == 1 && len(entries) == 1
	var data any = entries
	if single {
		data = entries[0]
	}
	if done, err := o.output.Structured(o.streams.Out, data); done {
		return err
	}
	items := make([]secretItem, len(entries))
	for i, e := range entries {
		items[i] = secretItem{objref.APIVersion, "SecretEntry", printer.ObjectMeta{Name: e.Name, Namespace: e.Namespace}, e}
	}
	if single && !o.output.Human() {
		return o.output.PrintTemplate(o.streams.Out, items[0])
	}
	return printer.PrintList(o.streams.Out, o.output, printer.NewList("SecretEntryList", items), names, o.table(entries))
}

func (o *listOptions) table(entries []usedSecret) printer.Table {
	t := printer.Table{Columns: []printer.Column{{Name: "NAME"}, {Name: "TYPE"}, {Name: "KEYS"}, {Name: "USED BY"}, {Name: "AGE"}}}
	if o.allNamespaces {
		t.Columns = append([]printer.Column{{Name: "NAMESPACE"}}, t.Columns...)
	}
	for _, e := range entries {
		usedBy := secretrefs.Names(e.UsedBy)
		if usedBy == "" {
			usedBy = "<none>"
		}
		row := []string{e.Name, string(e.Type), strings.Join(e.DataKeys, ","), usedBy, duration.HumanDuration(time.Since(e.Created))}
		if o.allNamespaces {
			row = append([]string{e.Namespace}, row...)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// names returns the names of Secrets as kubectl prints them with -o name.
func names(entries []secrets.Entry) []string {
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = "secret/" + e.Name
	}
	return all
}
