package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// registryTimeout is how long a registry may take to say whether an image can
// be pulled.
const registryTimeout = 5 * time.Second

// preflightMode is the value of deploy's --preflight: which findings keep it
// from writing anything.
type preflightMode string

const (
	preflightErrors preflightMode = "errors" // the default
	preflightStrict preflightMode = "strict"
	preflightWarn   preflightMode = "warn"
	preflightOff    preflightMode = "off"
)

func (m *preflightMode) addFlag(cmd *cobra.Command) {
	cmd.Flags().StringVar((*string)(m), "preflight", string(preflightErrors),
		`Must be "errors", "strict", "warn" or "off": whether missing secrets and images keep anything from being written. If errors, what can't work does; if strict, warnings do, too; if warn, they are only told; if off, they are not looked for.`)
}

func (m preflightMode) validate() error {
	if !slices.Contains([]preflightMode{preflightErrors, preflightStrict, preflightWarn, preflightOff}, m) {
		return errors.New("--preflight: want errors, strict, warn or off")
	}
	return nil
}

// preflight tells what keeps the workloads from working, and fails where that
// is to block.
func (o *deployOptions) preflight(ctx context.Context, c *cluster, all []*workload) error {
	if o.preflightMode == preflightOff {
		return nil
	}
	client, err := secretsClient(o.getter)
	if err != nil {
		return err
	}
	var objects []*unstructured.Unstructured
	for _, w := range all {
		objects = append(objects, w.objects...)
	}
	check := preflight.Check{Secrets: o.secrets.preview(client), Namespace: c.namespace, Registry: registry.Options{Timeout: registryTimeout}}
	findings, err := check.Run(ctx, objects)
	if err != nil {
		return err
	}
	count := map[preflight.Severity]int{}
	for _, f := range findings {
		count[f.Severity]++
		o.say("%s", f)
		if f.Fix != "" {
			o.say("  hint: %s", f.Fix)
		}
	}
	return o.preflightMode.verdict(count[preflight.Error], count[preflight.Warning])
}

// verdict is the error where what was found blocks.
func (m preflightMode) verdict(faults, warnings int) error {
	var found []string
	if faults > 0 {
		found = append(found, plural(faults, "error"))
	}
	if warnings > 0 {
		found = append(found, plural(warnings, "warning"))
	}
	if m == preflightWarn || faults == 0 && (m != preflightStrict || warnings == 0) {
		return nil
	}
	return fmt.Errorf("nothing was written: the preflight found %s; to deploy nevertheless, --preflight=warn", strings.Join(found, " and "))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
