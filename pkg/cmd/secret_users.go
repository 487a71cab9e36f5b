package cmd

import (
	"context"
	"errors"
	"io"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secretrefs"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// secretUsers looks after the workloads that use the secrets of a batch.
type secretUsers struct {
	getter    genericclioptions.RESTClientGetter
	namespace string

	clients secretrefs.Clients
}

func newSecretUsers(getter genericclioptions.RESTClientGetter, namespace string) *secretUsers {
	return &secretUsers{getter: getter, namespace: namespace}
}

func (u *secretUsers) find(ctx context.Context) (*secretrefs.Consumers, error) {
	config, err := u.getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	if u.clients, err = secretrefs.NewClients(config); err != nil {
		return nil, err
	}
	return secretrefs.Find(ctx, u.clients, u.namespace)
}

// protect has the batch refuse to delete Secrets in use. A Secret that the batch
// deletes and creates again is not protected.
func (u *secretUsers) protect(ctx context.Context, batch *secrets.Batch, stderr io.Writer) error {
	removed := batch.Removed()
	if len(removed) == 0 || batch.Force {
		return nil
	}
	users, err := u.find(ctx)
	if err != nil {
		return err
	}
	for _, note := range users.Notes() {
		cmdutil.Warn(stderr, "the list of users may be incomplete: %s", note)
	}
	batch.InUse = map[string]string{}
	for _, name := range removed {
		if by := users.ConsumersOf(u.namespace, name); len(by) > 0 {
			batch.InUse[name] = joinUsers(by)
		}
	}
	return nil
}

// follow tells who goes on with the old value of a secret that was changed, and
// restarts them where that is wanted.
func (u *secretUsers) follow(ctx context.Context, report secrets.Report, restart bool, stderr io.Writer) error {
	var changed []string
	for _, r := range report.Results {
		update := r.Action == secrets.ActionUpdate || r.Action == secrets.ActionApply
		if r.Status == secrets.StatusSuccess && update && (r.Changed == nil || *r.Changed) {
			changed = append(changed, r.Name)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	users, err := u.find(ctx)
	if err != nil {
		cmdutil.Warn(stderr, "who uses the changed secrets is not known: %v", err)
		return nil
	}
	for _, note := range users.Notes() {
		cmdutil.Warn(stderr, "who uses the secrets is not known for certain: %s", note)
	}
	by := users.ConsumersOf(u.namespace, changed...)
	if restart {
		return u.restart(ctx, by, stderr)
	}
	var stale []secretrefs.Consumer
	for _, user := range by {
		if user.NeedsRestart() {
			stale = append(stale, user)
		}
	}
	if len(stale) > 0 {
		cmdutil.Report(stderr, "Read only at the start, so pods that run keep the old value: %s. Restart them, or next time add --restart.", joinUsers(stale))
	}
	return nil
}

func (u *secretUsers) restart(ctx context.Context, by []secretrefs.Consumer, stderr io.Writer) error {
	var failed error
	for _, r := range secretrefs.Restart(ctx, u.clients, by) {
		cmdutil.Report(stderr, "%s", r)
		if r.Err != nil {
			failed = errors.New("not every workload could be restarted")
		}
	}
	return failed
}

func joinUsers(users []secretrefs.Consumer) string {
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = user.String()
	}
	return strings.Join(names, ", ")
}
