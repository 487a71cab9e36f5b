package release

import (
	"context"
	"fmt"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
)

// Deploy installs or upgrades a release. It returns once the objects are applied, without
// waiting for the rollout. values must have passed the chart's schema, and the objects a
// server-side dry run with strict validation; Deploy checks neither again. It refuses a
// release of another chart, and returns ErrBusy if another run is in progress or the
// release has changed since its review. It recovers from a killed run. basis may be nil.
func (c *Client) Deploy(ctx context.Context, ch *chart.Chart, name string, values map[string]any, basis *Basis) (*Release, error) {
	r, err := c.newRun(ctx, name)
	if err != nil {
		return nil, err
	}
	r.basis = basis
	made, err := r.deploy(ch, values)
	if err != nil {
		return nil, fmt.Errorf("cannot deploy %s: %w", name, c.redactError(err))
	}
	return convert(made), nil
}

func (r *run) deploy(ch *chart.Chart, values map[string]any) (made *release.Release, err error) {
	if err := r.recoverPending(); err != nil {
		return nil, err
	}
	last := r.last()
	if last != nil {
		if err := convert(last).CheckChart(ch.Name()); err != nil {
			return nil, err
		}
	}
	err = r.runHelm(func(config *action.Configuration) error {
		if last == nil || last.Info.Status == release.StatusUninstalled {
			made, err = r.install(config, ch, values)
		} else {
			made, err = r.upgrade(config, ch, values)
		}
		return err
	})
	return made, err
}

func (r *run) install(config *action.Configuration, ch *chart.Chart, values map[string]any) (*release.Release, error) {
	install := action.NewInstall(config)
	install.ReleaseName, install.Namespace = r.name, r.namespace
	install.Replace = r.last() != nil // continue the history left by helm uninstall --keep-history
	install.SkipSchemaValidation, install.DisableOpenAPIValidation = true, true
	return install.Run(ch, values)
}

func (r *run) upgrade(config *action.Configuration, ch *chart.Chart, values map[string]any) (*release.Release, error) {
	upgrade := action.NewUpgrade(config)
	upgrade.Namespace = r.namespace
	upgrade.ResetValues = true
	upgrade.SkipSchemaValidation, upgrade.DisableOpenAPIValidation = true, true
	return upgrade.Run(r.name, ch, values)
}
