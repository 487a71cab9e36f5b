package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
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
		`Must be "errors", "strict", "warn" or "off": which findings about the cluster (secrets, images, rights, quotas, nodes and more) keep anything from being written. If errors, what can't work does; if strict, warnings do, too; if warn, they are only told; if off, they are not looked for.`)
}

func (m preflightMode) validate() error {
	if !slices.Contains([]preflightMode{preflightErrors, preflightStrict, preflightWarn, preflightOff}, m) {
		return errors.New("--preflight: want errors, strict, warn or off")
	}
	return nil
}

// preflight tells what keeps the workloads from working, and fails where that
// is to block.
func (o *deployOptions) preflight(ctx context.Context, c *kube.Cluster, all []*workload) error {
	if o.preflightMode == preflightOff {
		return nil
	}
	check, err := o.preflightCheck(c)
	if err != nil {
		return err
	}
	var releases []dryrun.Release
	byName := map[string]*workload{}
	for _, w := range all {
		releases = append(releases, w.wanted(c.Namespace))
		byName[w.name()] = w
	}
	findings, err := check.Run(ctx, releases)
	if err != nil {
		return err
	}
	count := map[preflight.Severity]int{}
	for _, f := range findings {
		count[f.Severity]++
		o.tell(f, byName[f.Release], all[0].key)
	}
	return o.preflightMode.verdict(count[preflight.Error], count[preflight.Warning])
}

// preflightCheck is for the cluster at hand.
func (o *deployOptions) preflightCheck(c *kube.Cluster) (preflight.Check, error) {
	config, err := kube.BinaryConfig(o.getter) // the dry run of the objects has the same warnings
	if err != nil {
		return preflight.Check{}, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return preflight.Check{}, err
	}
	secrets, err := kube.SecretsClient(o.getter)
	if err != nil {
		return preflight.Check{}, err
	}
	releases, err := release.NewClient(o.getter, c.Namespace)
	if err != nil {
		return preflight.Check{}, err
	}
	return preflight.Check{
		Client: client, Dynamic: c.Dynamic, Mapper: c.Mapper, Namespace: c.Namespace, Records: releases.StorageResource(),
		Secrets: o.secrets.preview(secrets), Registry: registry.Options{Timeout: registryTimeout},
	}, nil
}

// tell prints a finding, with the line of the recipe that it comes from and the
// names of the keys to set, which key returns for fields of Kubernetes objects.
func (o *deployOptions) tell(f preflight.Finding, w *workload, key func(field.Path) string) {
	severity := string(f.Severity)
	if f.Severity == preflight.Warning {
		severity = "Warning" // as kubectl spells it
	}
	message := f.Message()
	if w != nil && (f.Field != "" || len(f.Values) > 0) {
		if at := w.at(f.Field, f.Values...); at != "" {
			message = at + ": " + message
		}
	}
	o.say("%s: %s", severity, message)
	if f.Fix != "" {
		o.say("  hint: %s", f.Hint(key))
	}
}

// wanted is what the workload is to become in the cluster.
func (w *workload) wanted(namespace string) dryrun.Release {
	wanted := dryrun.Release{Name: w.name(), Namespace: namespace, Objects: w.objects}
	if w.existing != nil {
		wanted.Previous = w.existing.AppliedObjects()
	}
	return wanted
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
