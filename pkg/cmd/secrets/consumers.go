package secrets

import (
	"context"
	"errors"
	"io"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secretrefs"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// findConsumers returns the consumers of the Secrets of a namespace, and clients to restart
// them. It prints a warning for each kind of consumer that it cannot list.
func findConsumers(ctx context.Context, getter genericclioptions.RESTClientGetter, namespace string, stderr io.Writer) (*secretrefs.Consumers, secretrefs.Clients, error) {
	config, err := getter.ToRESTConfig()
	if err != nil {
		return nil, secretrefs.Clients{}, err
	}
	clients, err := secretrefs.NewClients(config)
	if err != nil {
		return nil, clients, err
	}
	consumers, err := secretrefs.Find(ctx, clients, namespace)
	if err != nil {
		return nil, clients, err
	}
	for _, note := range consumers.Notes() {
		printer.Warn(stderr, "the list of consumers may be incomplete: %s", note)
	}
	return consumers, clients, nil
}

// ProtectInUse makes the batch refuse to delete Secrets in use. Secrets that the batch
// deletes and recreates are not protected.
func ProtectInUse(ctx context.Context, getter genericclioptions.RESTClientGetter, namespace string, batch *secrets.Batch, stderr io.Writer) error {
	removed := batch.Removed()
	if len(removed) == 0 || batch.Force {
		return nil
	}
	consumers, _, err := findConsumers(ctx, getter, namespace, stderr)
	if err != nil {
		return err
	}
	batch.InUse = consumers.InUse(namespace, removed)
	return nil
}

// follow restarts the workloads that use the old value of a changed Secret, or prints a
// warning with their names.
func (o *applyOptions) follow(ctx context.Context, namespace string, report secrets.Report) error {
	changed := report.Overwritten()
	if len(changed) == 0 {
		return nil
	}
	stderr := o.streams.ErrOut
	consumers, clients, err := findConsumers(ctx, o.getter, namespace, stderr)
	if err != nil {
		printer.Warn(stderr, "cannot list the consumers of the changed Secrets: %v", err)
		return nil
	}
	by := consumers.ConsumersOf(namespace, changed...)
	if !o.restart {
		if stale := secretrefs.Stale(by); len(stale) > 0 {
			printer.Warn(stderr, "running pods of %s still use the old value", secretrefs.Names(stale))
			restart := hint.Hint{Text: "use --restart next time, or restart them", Command: secretrefs.RestartCommand(stale)}
			if restart.Command != nil {
				restart.Command = restart.Command.With(kube.Flags(o.getter)...)
			}
			printer.PrintHint(stderr, restart)
		}
		return nil
	}
	var failed error
	for _, r := range secretrefs.Restart(ctx, clients, by) {
		printer.Report(stderr, "%s", r)
		if r.Err != nil {
			failed = errors.New("not all workloads were restarted")
		}
	}
	return failed
}
