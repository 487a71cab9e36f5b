package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// preflightMode is the value of deploy's --preflight.
type preflightMode string

func (m *preflightMode) addFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar((*string)(m), "preflight", "strict", `Must be "strict", "warn" or "off": what to do where a Secret or a key that a pod needs is missing.`)
}

func (m preflightMode) validate() error {
	if !slices.Contains([]preflightMode{"strict", "warn", "off"}, m) {
		return errors.New("--preflight: want strict, warn or off")
	}
	return nil
}

// preflight looks for the Secrets that the pods of all workloads need, before
// anything is written.
func (o *deployOptions) preflight(ctx context.Context, c *cluster, all []*workload) error {
	if o.preflightMode == "off" {
		return nil
	}
	config, err := o.getter.ToRESTConfig()
	if err != nil {
		return err
	}
	client, err := corev1client.NewForConfig(config)
	if err != nil {
		return err
	}
	read := func(ctx context.Context, name string) (preflight.Secret, error) {
		entry, err := secrets.Get(ctx, client, c.namespace, name)
		return preflight.Secret{Type: entry.Type, Keys: entry.DataKeys}, err
	}
	var missing []string
	for _, w := range all {
		findings, unreadable, err := preflight.MissingSecrets(ctx, read, w.objects)
		if err != nil {
			return err
		}
		if len(unreadable) > 0 {
			warn(o.streams.ErrOut, "you may not read the Secrets %s in namespace %s, so it is not known whether they are as needed", strings.Join(unreadable, ", "), c.namespace)
		}
		for _, f := range findings {
			missing = append(missing, f.String())
		}
	}
	if o.preflightMode == "warn" {
		for _, text := range missing {
			warn(o.streams.ErrOut, "%s", text)
		}
		return nil
	}
	if len(missing) > 0 {
		return fmt.Errorf("nothing was written: in namespace %s pods would wait for what is missing (--preflight=warn deploys all the same):\n%s",
			c.namespace, strings.Join(missing, "\n"))
	}
	return nil
}
