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
// chart's schema. A release of that name made by another chart is refused.
func (c *Client) Deploy(ctx context.Context, ch *chart.Chart, name string, values map[string]any) (*Release, error) {
	existing, err := c.Get(name)
	if errors.Is(err, ErrNotFound) {
		return c.install(ctx, ch, name, values)
	}
	if err == nil {
		err = errors.Join(existing.MadeBy(ch.Name()), existing.Upgradable())
	}
	if err != nil {
		return nil, err
	}
	return c.upgrade(ctx, ch, name, values)
}

func (c *Client) install(ctx context.Context, ch *chart.Chart, name string, values map[string]any) (*Release, error) {
	install := action.NewInstall(c.config)
	install.ReleaseName, install.Namespace = name, c.namespace
	install.SkipSchemaValidation = true
	return done(install.RunWithContext(ctx, ch, values))
}

func (c *Client) upgrade(ctx context.Context, ch *chart.Chart, name string, values map[string]any) (*Release, error) {
	upgrade := action.NewUpgrade(c.config)
	upgrade.Namespace, upgrade.MaxHistory = c.namespace, historyMax
	upgrade.ResetValues = true
	upgrade.SkipSchemaValidation = true
	return done(upgrade.RunWithContext(ctx, name, ch, values))
}

func done(r *release.Release, err error) (*Release, error) {
	if err != nil {
		return nil, fmt.Errorf("deploying: %w", err)
	}
	return convert(r), nil
}
