package render

import (
	"fmt"
	"path"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// outputsPerCall limits the number of outputs, and so the memory, of one call of Helm's
// engine. Each call parses the whole chart, which takes much longer than executing it for
// one recipe.
const outputsPerCall = 1536

// batchSize returns the number of recipes that one call renders.
func (c *Chart) batchSize() int {
	return max(1, outputsPerCall/max(1, len(c.templates())))
}

// Result is the result of RenderAll for one recipe.
type Result struct {
	Manifests Manifests
	Err       error // as returned by Render
}

// RenderAll renders each recipe as Render does, in parallel and in batches.
func (c *Chart) RenderAll(recipes []map[string]any) []Result {
	results := make([]Result, len(recipes))
	size := c.batchSize()
	each((len(recipes)+size-1)/size, 1, func(i int) {
		start, end := i*size, min((i+1)*size, len(recipes))
		c.renderBatch(recipes[start:end], results[start:end])
	})
	return results
}

// renderBatch renders a batch into results. If one recipe fails, the engine returns
// nothing for the others, so it halves the batch until that recipe is alone.
func (c *Chart) renderBatch(recipes []map[string]any, results []Result) {
	if len(recipes) == 1 {
		results[0].Manifests, results[0].Err = c.Render(recipes[0])
		return
	}
	texts, err := c.renderTogether(recipes)
	if err != nil {
		half := len(recipes) / 2
		c.renderBatch(recipes[:half], results[:half])
		c.renderBatch(recipes[half:], results[half:])
		return
	}
	for i, text := range texts {
		results[i].Manifests, results[i].Err = c.split(text)
	}
}

// separator separates the outputs of templates. It cannot occur in them, because neither
// YAML nor strings quoted for YAML contain it.
const separator = "\x00"

// split returns the manifests in the joined outputs of one recipe.
func (c *Chart) split(text string) (Manifests, error) {
	parts := strings.Split(text, separator)
	files := make(map[string]string, len(parts))
	for i, template := range c.templates() {
		files[c.fullName(template.Name)] = parts[i]
	}
	return manifests(files)
}

// renderTogether renders many recipes in one call of the engine. It passes a chart whose own
// templates are all partial and that has a driver for each recipe, which includes them one
// after the other.
func (c *Chart) renderTogether(recipes []map[string]any) ([]string, error) {
	inputs := make([]any, len(recipes))
	batch := c.partial()
	for i, recipe := range recipes {
		input, err := c.input(recipe)
		if err != nil {
			return nil, err
		}
		inputs[i] = input["Values"]
		batch.Templates = append(batch.Templates, &chart.File{Name: driverName(i), Data: fmt.Appendf(nil, driver, i)})
	}
	rendered, err := engine.Render(batch, chartutil.Values{"Values": map[string]any{"recipes": inputs}})
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(recipes))
	for i := range texts {
		texts[i] = rendered[c.fullName(driverName(i))]
		if strings.Count(texts[i], separator) != len(c.templates())-1 {
			return nil, fmt.Errorf("output of recipe %d of the batch contains the separator", i)
		}
	}
	return texts, nil
}

// driver renders one recipe of a batch.
const driver = `{{ include "batch.recipe" (dict "Values" (index .Values.recipes %d) "Chart" .Chart "Files" .Files "Template" .Template) }}`

func driverName(recipe int) string { return fmt.Sprintf("batch/%d", recipe) }

// partial returns the chart with all its templates made partial, and with batch.recipe,
// which includes them.
func (c *Chart) partial() *chart.Chart {
	batch := *c.drawn
	batch.Templates = nil
	var includes []string
	for _, template := range c.drawn.Templates {
		name := partialName(template.Name)
		batch.Templates = append(batch.Templates, &chart.File{Name: name, Data: template.Data})
		if name != template.Name {
			includes = append(includes, fmt.Sprintf("{{ include %q . }}", c.fullName(name)))
		}
	}
	text := fmt.Sprintf(`{{ define "batch.recipe" }}%s{{ end }}`, strings.Join(includes, separator))
	batch.Templates = append(batch.Templates, &chart.File{Name: "batch/_recipe.tpl", Data: []byte(text)})
	return &batch
}

// templates returns the files that the engine renders on their own, in the order in which
// a driver includes them.
func (c *Chart) templates() []*chart.File {
	var files []*chart.File
	for _, template := range c.drawn.Templates {
		if !isPartial(template.Name) {
			files = append(files, template)
		}
	}
	return files
}

// fullName returns the engine's name of a file of the chart.
func (c *Chart) fullName(name string) string { return path.Join(c.chart.ChartFullPath(), name) }

// isPartial reports whether the engine renders a file only if it is included.
func isPartial(name string) bool { return strings.HasPrefix(path.Base(name), "_") }

// partialName returns the name that makes a file partial.
func partialName(name string) string {
	if isPartial(name) {
		return name
	}
	return path.Join(path.Dir(name), "_"+path.Base(name))
}
