package cmd

import (
	"context"
	"fmt"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd/cmdutil"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// deploySecrets is a payload that deploy carries out before it installs: the
// same that 'secrets apply' does, in two steps, between which the recipes are
// held against what it will leave. The zero value, of a deploy without a
// payload, does nothing.
type deploySecrets struct {
	apply    secretsApplyOptions
	batch    *secrets.Batch
	users    *secretUsers
	changing []string // names of the Secrets that are not yet as the payload has them
}

// read takes the payload of --secrets, and finds what is wrong with it.
func (s *deploySecrets) read(ctx context.Context, o *deployOptions) error {
	if o.secretsFile == "" {
		return nil
	}
	s.apply = secretsApplyOptions{output: &cmdutil.Output{}, getter: o.getter, streams: o.streams}
	s.apply.streams.Out = o.streams.ErrOut // a deploy's data is what it deployed
	s.apply.payload.names = []string{o.secretsFile}
	operations, err := s.apply.payload.read(ctx, o.streams)
	if err != nil {
		return err
	}
	namespace, err := kube.Namespace(o.getter)
	if err != nil {
		return err
	}
	client, err := kube.SecretsClient(o.getter)
	if err != nil {
		return err
	}
	s.batch = secrets.NewBatch(client, namespace, operations)
	s.users = newSecretUsers(o.getter, namespace)
	return nil
}

// check has the server dry-run the payload. Nothing is written unless every
// operation passes.
func (s *deploySecrets) check(ctx context.Context) error {
	if s.batch == nil {
		return nil
	}
	if err := s.users.protect(ctx, s.batch, s.apply.streams.ErrOut); err != nil {
		return err
	}
	report, err := s.batch.Approve(ctx)
	if err != nil {
		return err
	}
	if !report.OK() {
		return s.apply.print(report)
	}
	for _, r := range report.Results {
		if r.Changed == nil || *r.Changed {
			s.changing = append(s.changing, r.Name)
		}
	}
	return nil
}

// preview reads Secrets as they are once the payload is carried out.
func (s *deploySecrets) preview(client secrets.Client) corev1client.SecretsGetter {
	if s.batch == nil {
		return client
	}
	return s.batch.Preview(client)
}

// write carries the payload out.
func (s *deploySecrets) write(ctx context.Context) error {
	if s.batch == nil {
		return nil
	}
	results, err := s.batch.Apply(ctx)
	if err != nil {
		return err
	}
	if err := s.apply.print(secrets.NewReport(results)); err != nil {
		return fmt.Errorf("nothing was deployed: %w", err)
	}
	return nil
}
