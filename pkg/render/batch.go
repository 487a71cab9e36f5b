package render

import (
	"fmt"
	"path"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// driversPerCall bounds how much one call of helm's engine renders, and so how
// much memory that takes. The engine parses the whole chart for each call, which
// takes much longer than to execute it for one recipe.
const driversPerCall = 1500

// batchSize is how many recipes one call renders.
func (c *Chart) batchSize() int {
	drivers := 0
	for _, template := range c.chart.Templates {
		if !isPartial(template.Name) {
			drivers++
		}
	}
	return max(1, driversPerCall/max(1, drivers))
}

// Result is what one recipe of RenderAll became.
type Result struct {
	Manifests Manifests
	Err       error // as that of Render
}

// RenderAll renders each of the recipes as Render does, many at a time.
func (c *Chart) RenderAll(recipes []map[string]any) []Result {
	results := make([]Result, len(recipes))
	size := c.batchSize()
	each((len(recipes)+size-1)/size, 1, func(i int) {
		start, end := i*size, min((i+1)*size, len(recipes))
		c.renderBatch(recipes[start:end], results[start:end])
	})
	return results
}

// renderBatch fills in results. Where one recipe breaks a rule, the engine
// gives nothing for the others: the batch is halved until the recipe is alone.
func (c *Chart) renderBatch(recipes []map[string]any, results []Result) {
	if len(recipes) == 1 {
		results[0].Manifests, results[0].Err = c.Render(recipes[0])
		return
	}
	files, err := c.renderTogether(recipes)
	if err != nil {
		half := len(recipes) / 2
		c.renderBatch(recipes[:half], results[:half])
		c.renderBatch(recipes[half:], results[half:])
		return
	}
	for i := range results {
		results[i].Manifests, results[i].Err = manifests(files[i])
	}
}

// renderTogether has the engine render a chart whose own templates only wait to
// be included, and that has a driver for each of them and each recipe. It
// returns what each recipe's files would be called without the batch.
func (c *Chart) renderTogether(recipes []map[string]any) ([]map[string]string, error) {
	inputs := make([]any, len(recipes))
	for i, recipe := range recipes {
		input, err := c.input(recipe)
		if err != nil {
			return nil, err
		}
		inputs[i] = input["Values"]
	}
	batch, names := c.batch(len(recipes))
	rendered, err := engine.Render(batch, chartutil.Values{"Values": map[string]any{"recipes": inputs}})
	if err != nil {
		return nil, err
	}
	files := make([]map[string]string, len(recipes))
	for i := range files {
		files[i] = make(map[string]string, len(names))
		for j, name := range names {
			files[i][name] = rendered[c.driverName(i, j)]
		}
	}
	return files, nil
}

// batch makes the chart for so many recipes, and names the templates that have
// drivers.
func (c *Chart) batch(recipes int) (*chart.Chart, []string) {
	batch := c.Helm()
	batch.Templates = nil
	var names []string
	for _, template := range c.chart.Templates {
		partial := *template
		if !isPartial(template.Name) {
			partial.Name = path.Join(path.Dir(template.Name), "_"+path.Base(template.Name))
			for i := range recipes {
				batch.Templates = append(batch.Templates, &chart.File{
					Name: driverFile(i, len(names)),
					Data: fmt.Appendf(nil, driver, path.Join(c.chart.ChartFullPath(), partial.Name), i),
				})
			}
			names = append(names, path.Join(c.chart.ChartFullPath(), template.Name))
		}
		batch.Templates = append(batch.Templates, &partial)
	}
	return batch, names
}

// driver renders one template for one recipe.
const driver = `{{ include %q (dict "Values" (index .Values.recipes %d) "Chart" .Chart "Files" .Files "Template" .Template) }}`

func driverFile(recipe, template int) string { return fmt.Sprintf("batch/%d.%d", recipe, template) }

func (c *Chart) driverName(recipe, template int) string {
	return path.Join(c.chart.ChartFullPath(), driverFile(recipe, template))
}

// isPartial reports whether the engine renders a file only where it is
// included.
func isPartial(name string) bool { return strings.HasPrefix(path.Base(name), "_") }
