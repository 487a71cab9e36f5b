// Package render turns a recipe into Kubernetes objects.
//
// The work is done by a chart whose values are the recipe itself:
//
//	chart files ─Load→ Chart
//	recipe ─Chart.Render→ Manifests ─┬ YAML     the bytes that helm template prints
//	                                 ├ Objects  decoded, for whoever reasons about them
//	                                 └ Warnings what will hurt, from the chart's blueprint.warnings
//
// No Go code here knows a key of a recipe: what the keys mean is said by the
// chart's templates, what they may hold by its schema, and what they may not
// say together by its rules, whose violations come back as a RuleError.
// Render does not look at the schema: whoever read the recipe's bytes has done
// so, and can tell line and column.
//
// Thousands of recipes are rendered in batches, and recipes that refer to each
// other in the order in which they do.
package render

import (
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
)

// Render gives the objects of the recipe, in the order in which helm installs
// them. values are as helm decodes a values file, numbers as float64. It needs
// no cluster and leaves values as they are; the error is a RuleError if the
// recipe breaks rules of the chart.
func (c *Chart) Render(values map[string]any) (Manifests, error) {
	input, err := c.input(values)
	if err != nil {
		return Manifests{}, err
	}
	files, err := engine.Render(c.drawn, input)
	if err != nil {
		return Manifests{}, fmt.Errorf("rendering recipe: %w", err)
	}
	return manifests(files)
}

// input is what templates see of one recipe: it and the chart's defaults.
func (c *Chart) input(values map[string]any) (chartutil.Values, error) {
	options := chartutil.ReleaseOptions{} // the chart's templates do not look at the release
	input, err := chartutil.ToRenderValuesWithSchemaValidation(c.chart, values, options, nil, true)
	if err != nil {
		return nil, fmt.Errorf("merging recipe and defaults: %w", err)
	}
	return input, nil
}

// manifests sorts what the templates made, by their name. The error is a
// RuleError if the recipe breaks rules.
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
		return Manifests{}, fmt.Errorf("sorting objects: %w", err)
	}
	m.sorted = sorted
	return m, nil
}
