package deploy

import (
	"context"
	"fmt"

	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// Payload is a batch of secrets that is applied before releases are installed. The
// releases are checked against the Secrets that it will leave. A nil Payload is an
// empty one.
type Payload struct {
	Batch   *secrets.Batch
	Protect func(context.Context, *secrets.Batch) error // protects Secrets in use from deletion
	Report  func(secrets.Report) error                  // prints results; an error if an operation failed

	changing []string // names of Secrets that differ from the payload
}

// check sends the payload to the server as a dry run. It returns an error unless
// every operation passes.
func (p *Payload) check(ctx context.Context) error {
	if p == nil {
		return nil
	}
	if err := p.Protect(ctx, p.Batch); err != nil {
		return err
	}
	report, err := p.Batch.Approve(ctx)
	if err != nil {
		return err
	}
	if !report.OK() {
		return p.Report(report)
	}
	for _, r := range report.Results {
		if r.Changed == nil || *r.Changed {
			p.changing = append(p.changing, r.Name)
		}
	}
	return nil
}

// names returns the names of Secrets that the payload is about to change.
func (p *Payload) names() []string {
	if p == nil {
		return nil
	}
	return p.changing
}

// preview returns a client that reads Secrets as they are once the payload is applied.
func (p *Payload) preview(client secrets.Client) corev1client.SecretsGetter {
	if p == nil {
		return client
	}
	return p.Batch.Preview(client)
}

func (p *Payload) apply(ctx context.Context) error {
	results, err := p.Batch.Apply(ctx)
	if err != nil {
		return err
	}
	if err := p.Report(secrets.NewReport(results)); err != nil {
		return fmt.Errorf("deployment aborted: %w", err)
	}
	return nil
}
