package render

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/ignore"
)

// Chart is a loaded chart whose values are a recipe. It never changes after
// Load, so one Chart serves any number of goroutines.
type Chart struct {
	chart *chart.Chart
	// drawn is the chart for the engine: without notes, and with the findings as separate
	// files.
	drawn *chart.Chart
}

// Load reads the chart whose Chart.yaml is at the root of fsys. Like Helm, it excludes the
// files in .helmignore.
func Load(fsys fs.FS) (*Chart, error) {
	rules, err := ignoreRules(fsys)
	if err != nil {
		return nil, fmt.Errorf("cannot load chart: %w", err)
	}
	files, err := readFiles(fsys, rules)
	if err != nil {
		return nil, fmt.Errorf("cannot load chart: %w", err)
	}
	c, err := loader.LoadFiles(files)
	if err != nil {
		return nil, fmt.Errorf("cannot load chart: %w", err)
	}
	return &Chart{chart: c, drawn: withFindings(c)}, nil
}

// withFindings returns a copy of c that renders violations and warnings as text files,
// instead of failing and of writing notes.
func withFindings(c *chart.Chart) *chart.Chart {
	own := *c
	own.Templates = slices.DeleteFunc(slices.Clone(c.Templates), func(f *chart.File) bool {
		return f.Name == validationsFile || strings.HasSuffix(f.Name, notesSuffix)
	})
	own.Templates = append(own.Templates,
		&chart.File{Name: "templates/" + violationsSuffix, Data: []byte(`{{ include "blueprint.violations" . }}`)},
		&chart.File{Name: "templates/" + warningsSuffix, Data: []byte(`{{ include "blueprint.warnings" . }}`)})
	return &own
}

// Schema returns the JSON Schema of recipes: the chart's values.schema.json.
func (c *Chart) Schema() []byte {
	return bytes.Clone(c.chart.Schema)
}

// Helm returns the chart for Helm's actions. Each call returns a new copy, because an action
// may write to its chart.
func (c *Chart) Helm() *chart.Chart {
	own := *c.chart
	metadata := *c.chart.Metadata
	own.Metadata = &metadata
	return &own
}

// rulesOnly returns the chart without the templates of objects: it renders only the rules,
// the warnings and the name.
func (c *Chart) rulesOnly() *Chart {
	own := *c.drawn
	own.Templates = slices.DeleteFunc(slices.Clone(own.Templates), func(f *chart.File) bool {
		return !isPartial(f.Name) && !strings.HasSuffix(f.Name, violationsSuffix) && !strings.HasSuffix(f.Name, warningsSuffix)
	})
	own.Templates = append(own.Templates, &chart.File{Name: "templates/" + nameSuffix, Data: []byte(`{{ include "blueprint.name" . }}`)})
	return &Chart{chart: c.chart, drawn: &own}
}

// validationsFile is the template of the chart that fails if rules are violated.
const validationsFile = "templates/validations.yaml"

// The suffixes of files that render to text instead of objects.
const (
	nameSuffix       = "NAME.txt"
	violationsSuffix = "VIOLATIONS.txt"
	warningsSuffix   = "WARNINGS.txt"
	notesSuffix      = "NOTES.txt"
)

// ignoreRules returns the rules of Helm's directory loader: the defaults and the chart's
// .helmignore, if it has one.
func ignoreRules(fsys fs.FS) (*ignore.Rules, error) {
	rules := ignore.Empty()
	if file, err := fsys.Open(ignore.HelmIgnore); err == nil {
		defer file.Close()
		if rules, err = ignore.Parse(file); err != nil {
			return nil, fmt.Errorf("cannot parse %s: %w", ignore.HelmIgnore, err)
		}
	}
	rules.AddDefaults()
	return rules, nil
}

// readFiles reads every file of the tree that the rules do not exclude.
func readFiles(fsys fs.FS, rules *ignore.Rules) ([]*loader.BufferedFile, error) {
	var files []*loader.BufferedFile
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		switch {
		case rules.Ignore(name, info) && entry.IsDir():
			return fs.SkipDir
		case rules.Ignore(name, info) || entry.IsDir():
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		files = append(files, &loader.BufferedFile{Name: name, Data: data})
		return nil
	})
	return files, err
}
