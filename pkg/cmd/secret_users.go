package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/usage"
)

// secretUsers looks after the workloads that use the secrets of a batch.
type secretUsers struct {
	getter     genericclioptions.RESTClientGetter
	namespace  string
	operations []secrets.Operation

	clients usage.Clients
}

func newSecretUsers(getter genericclioptions.RESTClientGetter, namespace string, operations []secrets.Operation) *secretUsers {
	return &secretUsers{getter: getter, namespace: namespace, operations: operations}
}

func (u *secretUsers) find(ctx context.Context) (*usage.Users, error) {
	config, err := u.getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	if u.clients, err = usage.NewClients(config); err != nil {
		return nil, err
	}
	return usage.Find(ctx, u.clients, u.namespace)
}

// protect refuses a batch that takes away a secret in use for good. A secret
// that the batch deletes and makes again is not gone.
func (u *secretUsers) protect(ctx context.Context, stderr io.Writer) error {
	gone := map[string]bool{}
	for _, op := range u.operations {
		gone[op.Name] = op.Action == secrets.ActionDelete
	}
	var users *usage.Users
	var refusals []error
	for _, op := range u.operations {
		if op.Action != secrets.ActionDelete || !gone[op.Name] {
			continue
		}
		gone[op.Name] = false // once each
		if users == nil {
			var err error
			if users, err = u.find(ctx); err != nil {
				return err
			}
			for _, note := range users.Notes() {
				warn(stderr, "who uses the secrets is not known for certain: %s", note)
			}
		}
		if by := users.Of(u.namespace, op.Name); len(by) > 0 {
			refusals = append(refusals, fmt.Errorf("secret %q is used by %s: nothing was written; delete it nevertheless with --force", op.Name, joinUsers(by)))
		}
	}
	return errors.Join(refusals...)
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
		warn(stderr, "who uses the changed secrets is not known: %v", err)
		return nil
	}
	for _, note := range users.Notes() {
		warn(stderr, "who uses the secrets is not known for certain: %s", note)
	}
	by := users.Of(u.namespace, changed...)
	if restart {
		return u.restart(ctx, by, stderr)
	}
	var stale []usage.User
	for _, user := range by {
		if user.AtStart() {
			stale = append(stale, user)
		}
	}
	if len(stale) > 0 {
		_, _ = fmt.Fprintf(stderr, "Read only at the start, so pods that run keep the old value: %s. Restart them, or next time add --restart.\n",
			source.Printable(joinUsers(stale)))
	}
	return nil
}

func (u *secretUsers) restart(ctx context.Context, by []usage.User, stderr io.Writer) error {
	var failed error
	for _, r := range usage.Restart(ctx, u.clients, by) {
		_, _ = fmt.Fprintln(stderr, source.Printable(r.String()))
		if r.Err != nil {
			failed = errors.New("not every workload could be restarted")
		}
	}
	return failed
}

func joinUsers(users []usage.User) string {
	names := make([]string, len(users))
	for i, user := range users {
		names[i] = user.String()
	}
	return strings.Join(names, ", ")
}
