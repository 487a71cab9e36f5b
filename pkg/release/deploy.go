package release

import (
	"context"
	"errors"
	"fmt"

	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
)

// historyMax is the number of revisions kept, helm's own default.
const historyMax = 10

// Deploy installs the release, or upgrades it where it exists. It returns once
// the objects are sent, without waiting for them. values must have passed the
// chart's schema, and the objects the server's dry run with strict validation:
// neither is looked at again here. A release of that name made by another chart is refused.
//
// What a killed run left half done is taken over and finished. Where another
// run is at work on the release, the error is an ErrBusy. While the server can't
// be reached, Deploy tries again for a minute.
func (c *Client) Deploy(ctx context.Context, ch *chart.Chart, name string, values map[string]any) (*Release, error) {
	var deployed *Release
	err := c.persist(ctx, func() error {
		var err error
		deployed, err = c.deploy(ctx, ch, name, values)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("deploying %s: %w", name, err)
	}
	return deployed, nil
}

func (c *Client) deploy(ctx context.Context, ch *chart.Chart, name string, values map[string]any) (*Release, error) {
	existing, err := c.Get(name)
	if err == nil {
		if err := existing.MadeBy(ch.Name()); err != nil {
			return nil, err
		}
		existing, err = c.recover(ctx, existing)
	}
	defer c.beat(ctx, name)()
	switch {
	case errors.Is(err, ErrNotFound):
		return c.install(ctx, ch, name, values)
	case err != nil:
		return nil, err
	}
	if err := c.removeFailedJobs(ctx, existing.Objects()); err != nil {
		return nil, err
	}
	upgraded, err := c.upgrade(ctx, ch, name, values)
	if err != nil {
		return nil, err
	}
	return upgraded, c.sweep(ctx, upgraded)
}

func (c *Client) install(ctx context.Context, ch *chart.Chart, name string, values map[string]any) (*Release, error) {
	install := action.NewInstall(c.config)
	install.ReleaseName, install.Namespace = name, c.namespace
	install.Labels = c.labels()
	install.SkipSchemaValidation, install.DisableOpenAPIValidation = true, true
	return done(install.RunWithContext(ctx, ch, values))
}

func (c *Client) upgrade(ctx context.Context, ch *chart.Chart, name string, values map[string]any) (*Release, error) {
	upgrade := action.NewUpgrade(c.config)
	upgrade.Namespace, upgrade.MaxHistory = c.namespace, historyMax
	upgrade.Labels = c.labels()
	upgrade.ResetValues = true
	upgrade.SkipSchemaValidation, upgrade.DisableOpenAPIValidation = true, true
	return done(upgrade.RunWithContext(ctx, name, ch, values))
}

func done(r *release.Release, err error) (*Release, error) {
	if err != nil {
		return nil, explain(err)
	}
	return convert(r), nil
}
