package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/kube"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// registryTimeout limits how long a registry may take to report whether an image can
// be pulled.
const registryTimeout = 5 * time.Second

// PreflightMode determines which findings prevent a deploy.
type PreflightMode string

// The modes.
const (
	PreflightErrors PreflightMode = "errors" // errors do
	PreflightStrict PreflightMode = "strict" // errors and warnings do
	PreflightWarn   PreflightMode = "warn"   // none does, but all are reported
	PreflightOff    PreflightMode = "off"    // nothing is checked
)

// PreflightModes returns the modes.
func PreflightModes() []string {
	return []string{string(PreflightErrors), string(PreflightStrict), string(PreflightWarn), string(PreflightOff)}
}

// Validate returns an error for an unknown mode.
func (m PreflightMode) Validate() error {
	if !slices.Contains(PreflightModes(), string(m)) {
		return errors.New(`--preflight must be "errors", "strict", "warn" or "off"`)
	}
	return nil
}

// Finding is a finding of the preflight with its place in the recipe.
type Finding struct {
	preflight.Finding
	Position string    // file:line:col, or ""
	Hint     hint.Hint // how to fix it, in terms of recipe keys; zero if unknown
}

// String returns the finding on one line, without its fix.
func (f Finding) String() string {
	severity, message := string(f.Severity), f.Message()
	if f.Severity == preflight.Warning {
		severity = "Warning" // as kubectl spells it
	}
	if f.Position != "" {
		message = f.Position + ": " + message
	}
	return severity + ": " + message
}

// preflight reports the findings about all releases. It returns an error if they
// prevent the deploy in this mode.
func (d *Deployer) preflight(ctx context.Context, all []*Release, mode PreflightMode, report func(Finding)) error {
	if mode == PreflightOff {
		return nil
	}
	check, err := d.preflightCheck()
	if err != nil {
		return err
	}
	var desired []dryrun.Release
	byName := map[string]*Release{}
	for _, r := range all {
		desired = append(desired, r.desired(d.Cluster.Namespace))
		byName[r.Name()] = r
	}
	findings, err := check.Run(ctx, desired)
	if err != nil {
		return err
	}
	count := map[preflight.Severity]int{}
	for _, f := range findings {
		count[f.Severity]++
		found := Finding{Finding: f}
		if r := byName[f.Release]; r != nil && (f.Field != "" || len(f.Values) > 0) {
			found.Position = r.Position(f.Field, f.Values...)
		}
		found.Hint = f.Hint(all[0].Key)
		if len(found.Hint.Command) > 0 {
			found.Hint.Command = found.Hint.Command.With(d.Cluster.Flags...)
		}
		report(found)
	}
	return mode.verdict(count[preflight.Error], count[preflight.Warning])
}

func (d *Deployer) preflightCheck() (preflight.Check, error) {
	c := d.Cluster
	config, err := kube.BinaryConfig(c.Getter) // the dry run of the objects has the same warnings
	if err != nil {
		return preflight.Check{}, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return preflight.Check{}, err
	}
	secrets, err := kube.SecretsClient(c.Getter)
	if err != nil {
		return preflight.Check{}, err
	}
	releases, err := release.NewClient(c.Getter, c.Namespace)
	if err != nil {
		return preflight.Check{}, err
	}
	return preflight.Check{
		Client: client, Dynamic: c.Dynamic, Mapper: c.Mapper, Namespace: c.Namespace, Records: releases.StorageResource(),
		Secrets: d.Payload.preview(secrets), Registry: registry.Options{Timeout: registryTimeout},
	}, nil
}

// verdict returns an error if the numbers of findings prevent the deploy.
func (m PreflightMode) verdict(faults, warnings int) error {
	var found []string
	if faults > 0 {
		found = append(found, source.Count(faults, "error"))
	}
	if warnings > 0 {
		found = append(found, source.Count(warnings, "warning"))
	}
	if m == PreflightWarn || faults == 0 && (m != PreflightStrict || warnings == 0) {
		return nil
	}
	err := fmt.Errorf("preflight failed with %s; nothing was deployed", strings.Join(found, " and "))
	return hint.Text(err, "use --preflight=warn to deploy anyway")
}
