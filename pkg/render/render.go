// Package render turns recipes into Kubernetes objects.
//
// A chart does the work, and its values are the recipe itself:
//
//	chart files ─Load→ Chart
//	recipe ─Chart.Render→ Manifests ─┬ YAML     the bytes that helm template prints
//	                                 ├ Objects  decoded, for other packages
//	                                 └ Warnings of the chart's blueprint.warnings
//
// Its Go code knows no key of a recipe. The chart's templates define what keys mean, its
// schema what they may hold, and its rules which keys exclude each other; Render returns
// violations of rules as a RuleError. It does not validate against the schema: the reader
// of the recipe's bytes has done so, and knows lines and columns.
//
// It renders thousands of recipes in batches, and recipes that refer to each other in the
// order of their references.
package render

import (
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
)

// Render returns the objects of the recipe in the order in which Helm installs them. values
// are decoded as Helm decodes a values file, with numbers as float64, and are not changed.
// Render does not access a cluster. The error is a RuleError if the recipe violates rules
// of the chart.
func (c *Chart) Render(values map[string]any) (Manifests, error) {
	input, err := c.input(values)
	if err != nil {
		return Manifests{}, err
	}
	files, err := engine.Render(c.drawn, input)
	if err != nil {
		return Manifests{}, fmt.Errorf("cannot render recipe: %w", err)
	}
	return manifests(files)
}

// input returns the values that templates see for one recipe: its own and the chart's
// defaults.
func (c *Chart) input(values map[string]any) (chartutil.Values, error) {
	options := chartutil.ReleaseOptions{} // the chart's templates do not use the release
	input, err := chartutil.ToRenderValuesWithSchemaValidation(c.chart, values, options, nil, true)
	if err != nil {
		return nil, fmt.Errorf("cannot merge recipe and defaults: %w", err)
	}
	return input, nil
}

// manifests returns the manifests in the outputs of templates, by template name. The error
// is a RuleError if the recipe violates rules.
func manifests(files map[string]string) (Manifests, error) {
	var m Manifests
	for name, text := range files {
		var broken []Violation
		var err error
		switch {
		case strings.HasSuffix(name, violationsSuffix):
			broken, err = violations(text)
		case strings.HasSuffix(name, warningsSuffix):
			m.warnings, err = violations(text)
		case strings.HasSuffix(name, nameSuffix):
			m.name = text
		default:
			continue
		}
		if err != nil {
			return Manifests{}, err
		}
		if len(broken) > 0 {
			return Manifests{}, &RuleError{Violations: broken}
		}
		delete(files, name)
	}
	_, sorted, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return Manifests{}, fmt.Errorf("cannot sort objects: %w", err)
	}
	m.sorted = sorted
	return m, nil
}
