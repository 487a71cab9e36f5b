package preflight

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// Check looks for what keeps objects from working once they are there. It needs
// no right but to get the Secrets that the objects name.
type Check struct {
	Secrets   corev1client.SecretsGetter
	Namespace string
	Registry  registry.Options
}

// Run returns what it finds, the worst first. The error is of a cluster that
// can't be asked.
func (c Check) Run(ctx context.Context, objects []*unstructured.Unstructured) ([]Finding, error) {
	pods, err := podsOf(objects)
	if err != nil {
		return nil, err
	}
	store, err := c.read(ctx, pods, objects)
	if err != nil {
		return nil, err
	}
	findings := c.secretFindings(pods, store)
	images, err := c.imageFindings(ctx, pods, store)
	if err != nil {
		return nil, err
	}
	findings = append(findings, images...)
	if names := store.unreadable(); len(names) > 0 {
		findings = append(findings, Finding{
			Severity: Warning, Rule: "unreadable",
			What: fmt.Sprintf("Secrets can't be read here, so it is not known whether there is what is needed of %s", strings.Join(names, ", ")),
			Fix:  "have somebody grant you 'get' on these Secrets, or ask who has it",
		})
	}
	return sorted(findings), nil
}
