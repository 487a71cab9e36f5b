package render_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// examplesMark is the line of values.yaml below which the recipe keys stand.
const examplesMark = "# Keys of a recipe, with examples. Keep recipes in separate files.\n"

// TestValuesShowEveryKey holds that helm show values has an example of every key
// that has an effect. With -update, it writes them.
func TestValuesShowEveryKey(t *testing.T) {
	t.Parallel()
	file := chartDir + "/values.yaml"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	own, shown, _ := strings.Cut(string(data), examplesMark)
	want := keyExamples(t)
	if *update {
		text := strings.TrimRight(own, "\n") + "\n\n" + examplesMark + want
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != want {
		t.Errorf("values.yaml lacks keys of the schema, or has other examples: run make golden")
	}
}

// keyExamples returns a comment for each key, with its description.
func keyExamples(t *testing.T) string {
	t.Helper()
	var s docSchema
	if err := json.Unmarshal(loadChart(t).Schema(), &s); err != nil {
		t.Fatal(err)
	}
	valid := validator(t)
	var b strings.Builder
	for _, p := range s.Properties {
		if p.schema.Ignored != nil || p.key == "cluster" {
			continue
		}
		line := p.key + ": " + example(t, p.key, p.schema)
		var recipe map[string]any
		if err := yaml.Unmarshal([]byte(line), &recipe); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := valid(withRequired(recipe)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		meaning, _, _ := strings.Cut(p.schema.Description, ". ")
		b.WriteString("\n# -- " + strings.TrimSuffix(meaning, ".") + ".\n# " + line + "\n")
	}
	return b.String()
}

// example returns a value of a key as JSON, which is YAML as well.
func example(t *testing.T, key string, s docSchema) string {
	t.Helper()
	switch {
	case len(s.Examples) > 0:
		return string(s.Examples[0])
	case len(s.Enum) > 0:
		return fmt.Sprintf("%q", s.Enum[0])
	case s.Type == "boolean":
		return "true"
	}
	t.Fatalf("%s: the schema has no example", key)
	return ""
}

// withRequired adds what the schema requires beside the key of an example.
func withRequired(recipe map[string]any) map[string]any {
	mode := "service"
	switch {
	case recipe["team"] != nil:
		mode = "team"
	case recipe["recipe_team_info"] != nil:
		mode = "job"
	}
	base := map[string]any{"recipe_mode": mode, "deployment_name": "x"}
	if mode != "team" {
		base["recipe_image_uri"], base["recipe_container_port"] = "x", "8000"
	}
	for key, value := range base {
		if recipe[key] == nil {
			recipe[key] = value
		}
	}
	return recipe
}

// TestValuesForChartTesting holds that ct lint and ct install can use ci, whose
// files are not part of the packaged chart.
func TestValuesForChartTesting(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(chartDir + "/ci/*-values.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("want values for chart-testing, got %d (%v)", len(files), err)
	}
	c := loadChart(t)
	for _, file := range files {
		recipe := readRecipe(t, file)
		if err := validate(t, c, recipe); err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		m := mustRender(t, c, recipe)
		if len(m.Warnings()) > 0 {
			t.Errorf("%s: %v", file, m.Warnings())
		}
		made, err := helmInstall(t, recipe)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if got := strings.TrimSpace(made.Manifest) + "\n"; got != m.String() {
			t.Errorf("%s: helm renders\n%s", file, got)
		}
	}
	for _, f := range c.Helm().Raw {
		if strings.HasPrefix(f.Name, "ci/") {
			t.Errorf("the chart carries %s", f.Name)
		}
	}
	if !slices.ContainsFunc(c.Helm().Metadata.Keywords, func(k string) bool { return k == "inference" }) || len(c.Helm().Metadata.Maintainers) == 0 {
		t.Error("Chart.yaml lacks keywords or maintainers")
	}
}
