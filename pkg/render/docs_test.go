package render_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocsRecipes writes the tables of docs/recipes.md from the schema and the
// templates; the text around them is written by hand.
func TestDocsRecipes(t *testing.T) {
	t.Parallel()
	const name = repository + "/docs/recipes.md"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := string(data)
	got := want
	for title, table := range docTables(t) {
		begin, end := "<!-- begin "+title+" -->\n", "<!-- end "+title+" -->"
		before, rest, found := strings.Cut(got, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("%s: no place for the table %q", name, title)
		}
		got = before + begin + table + end + after
	}
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s is not up to date; run make golden (-docs +schema):\n%s", name, diff)
	}
}

// docSchema is what the documentation says of a key.
type docSchema struct {
	Type        any               `json:"type"`
	Enum        []string          `json:"enum"`
	Description string            `json:"description"`
	Kubernetes  string            `json:"x-kubernetes"`
	Examples    []json.RawMessage `json:"examples"`
	Ignored     *string           `json:"x-ignored"`
	Deprecated  string            `json:"x-deprecated"`
	Refused     map[string]string `json:"x-refused"`
	Required    []string          `json:"required"`
	Properties  properties        `json:"properties"`
	Items       *docSchema        `json:"items"`
}

// properties are the properties of a schema in the order of the file.
type properties []property

type property struct {
	key    string
	schema docSchema
}

func (p *properties) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		var s docSchema
		if err := decoder.Decode(&s); err != nil {
			return err
		}
		*p = append(*p, property{key.(string), s})
	}
	return nil
}

func docTables(t *testing.T) map[string]string {
	t.Helper()
	var s docSchema
	if err := json.Unmarshal(loadChart(t).Schema(), &s); err != nil {
		t.Fatal(err)
	}
	keys, ignored, cluster := newTable("key", "type", "Kubernetes field", "description"), newTable("key", "reason"), newTable("value", "type", "description")
	for _, p := range s.Properties {
		switch {
		case p.key == "cluster":
			for _, row := range rows(p.key, p.schema, nil) {
				cluster.add(row[0], row[1], row[3])
			}
		case p.schema.Ignored != nil && *p.schema.Ignored != "":
			ignored.add("`"+p.key+"`", *p.schema.Ignored)
		case p.schema.Ignored == nil:
			for _, row := range rows(p.key, p.schema, s.Required) {
				keys.add(row...)
			}
		}
	}
	refused := newTable("key", "reason and alternative")
	for _, p := range s.Properties {
		if p.key == "recipe_mode" {
			addSorted(refused, "recipe_mode: ", p.schema.Refused)
		}
	}
	addSorted(refused, "", s.Refused)
	return map[string]string{"keys": keys.String(), "ignored": ignored.String(), "refused": refused.String(), "cluster": cluster.String(), "rules": ruleTable(t)}
}

// rows are the rows of a key and of those inside it.
func rows(path string, s docSchema, required []string) [][]string {
	meaning := s.Description
	if s.Ignored != nil {
		meaning = "Ignored: " + *s.Ignored + "."
	}
	if s.Deprecated != "" {
		meaning += " Use `" + s.Deprecated + "`."
	}
	if slices.Contains(required, path[strings.LastIndexAny(path, ".]")+1:]) {
		meaning = "**Required.** " + meaning
	}
	all := [][]string{{"`" + path + "`", typeOf(s), s.Kubernetes, meaning}}
	inner, at := s, path
	if s.Items != nil {
		inner, at = *s.Items, path+"[]"
	}
	for _, p := range inner.Properties {
		all = append(all, rows(at+"."+p.key, p.schema, inner.Required)...)
	}
	return all
}

func typeOf(s docSchema) string {
	if s.Enum != nil {
		quoted := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			quoted[i] = fmt.Sprintf("`%q`", e)
		}
		return strings.Join(quoted, ", ")
	}
	switch types := s.Type.(type) {
	case string:
		if types == "array" && s.Items != nil {
			return "list of " + typeOf(*s.Items) + "s"
		}
		return types
	case []any:
		return fmt.Sprintf("%v or %v", types[0], types[1])
	}
	return ""
}

// ruleTable lists what the templates refuse or warn of.
func ruleTable(t *testing.T) string {
	t.Helper()
	table := newTable("rule", "severity", "message")
	seen := map[string]bool{}
	for _, define := range strings.Split(templates(t), "{{- define ") {
		kind := "warning"
		if strings.HasPrefix(define, `"blueprint.violations`) {
			kind = "error"
		}
		for _, m := range regexp.MustCompile(`include "blueprint\.finding" \(list .*? "([a-z-]+)" \(?(?:printf )?"((?:[^"\\]|\\.)+)"`).FindAllStringSubmatch(define, -1) {
			if !seen[m[2]] {
				table.add("`"+m[1]+"`", kind, strings.NewReplacer(`\"`, `"`, `%d`, "N", `%s`, "KEY", `%q`, "NAME").Replace(m[2]))
			}
			seen[m[2]] = true
		}
	}
	slices.Sort(table.lines[2:])
	anchored := map[string]bool{}
	for i, line := range table.lines[2:] {
		if rule := strings.Split(line, "`")[1]; !anchored[rule] {
			table.lines[i+2] = `| <a id="rule-` + rule + `"></a>` + strings.TrimPrefix(line, "| ")
			anchored[rule] = true
		}
	}
	return table.String()
}

type docTable struct{ lines []string }

func newTable(header ...string) *docTable {
	table := &docTable{}
	table.add(header...)
	table.lines = append(table.lines, strings.Repeat("| --- ", len(header))+"|")
	return table
}

func (d *docTable) add(cells ...string) {
	for i, cell := range cells {
		cells[i] = strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(cell)
	}
	d.lines = append(d.lines, "| "+strings.Join(cells, " | ")+" |")
}

func (d *docTable) String() string { return strings.Join(d.lines, "\n") + "\n" }

func addSorted(table *docTable, prefix string, reasons map[string]string) {
	var keys []string
	for key := range reasons {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		table.add("`"+prefix+key+"`", reasons[key])
	}
}
