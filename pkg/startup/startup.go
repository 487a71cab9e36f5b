// Package startup recognizes how far the start of a model server has come from the lines
// of its log. It owns the table of phases (phases.yaml): the pattern of a line, the phase
// that it belongs to, and the text that describes the progress. It reads text only: its
// callers follow logs and redact secret values.
package startup

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/logline"
)

// Phase is a part of the start of a model server.
type Phase string

// The phases, in the order of a start.
const (
	PhaseDownload Phase = "download" // of the model
	PhaseLoad     Phase = "load"     // of the weights into memory
	PhaseCompile  Phase = "compile"
	PhaseCapture  Phase = "capture" // of CUDA graphs
	PhaseWarmup   Phase = "warmup"
	PhaseServe    Phase = "serve" // the server is up
)

// activities describes what a container does in each phase.
var activities = map[Phase]string{
	PhaseDownload: "downloading", PhaseLoad: "loading", PhaseCompile: "compiling", PhaseCapture: "capturing CUDA graphs", PhaseWarmup: "warming up", PhaseServe: "server up",
}

// Progress is how far a start has come.
type Progress struct {
	Phase Phase
	Text  string // such as "downloading 43% (6.1 of 14.2 GB)"
}

// entry is a line that shows progress.
type entry struct {
	ID       string   `yaml:"id"`
	Programs []string `yaml:"programs"` // that print the line
	Phase    Phase    `yaml:"phase"`    // "": the current one
	Pattern  string   `yaml:"pattern"`
	// Text may contain named groups of the pattern, {{phase}}, {{percent}} if the pattern
	// has the groups done and total, and {{size}} for them as sizes. Sizes of several
	// files are added if the pattern has the group file.
	Text   string `yaml:"text"`
	Source string `yaml:"source"` // URL of the code that prints the line

	pattern  *regexp.Regexp
	literals []string // every match contains one of them; nil if unknown
}

// Table is a list of lines that show progress.
type Table struct {
	entries []entry
}

//go:embed phases.yaml
var data []byte

var load = sync.OnceValues(func() (*Table, error) { return parse(data) })

// Load returns the table of this package. It compiles the table once.
func Load() (*Table, error) { return load() }

// parse reads and compiles a table.
func parse(text []byte) (*Table, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	t := &Table{}
	if err := decoder.Decode(&t.entries); err != nil {
		return nil, fmt.Errorf("cannot read phases: %w", err)
	}
	for i := range t.entries {
		if err := t.entries[i].compile(); err != nil {
			return nil, fmt.Errorf("phase %q: %w", t.entries[i].ID, err)
		}
	}
	return t, nil
}

func (e *entry) compile() error {
	var err error
	if e.pattern, err = regexp.Compile(e.Pattern); err != nil {
		return err
	}
	if e.literals, err = logline.Literals(e.Pattern); err != nil {
		return err
	}
	if _, ok := activities[e.Phase]; !ok && e.Phase != "" {
		return fmt.Errorf("unknown phase %q", e.Phase)
	}
	counted := e.has("done") && e.has("total")
	for _, name := range placeholder.FindAllStringSubmatch(e.Text, -1) {
		switch name := name[1]; {
		case name == "phase", e.has(name), counted && (name == "percent" || name == "size"):
		default:
			return fmt.Errorf("group %q not found in pattern", name)
		}
	}
	return nil
}

func (e *entry) has(group string) bool { return e.pattern.SubexpIndex(group) >= 0 }

// placeholder matches a named group in a text.
var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)

// match is an entry with the groups of the line that it matches.
type match struct {
	*entry
	groups []string
}

// group returns a named group, or "".
func (m *match) group(name string) string {
	if i := m.pattern.SubexpIndex(name); i >= 0 {
		return m.groups[i]
	}
	return ""
}

// match returns the entry for a line of a log, or nil. Of the states of a progress bar
// in one line, the last one counts.
func (t *Table) match(line string) *match {
	if !t.mayMatch(line) { // faster than to decode JSON
		return nil
	}
	for _, text := range slices.Backward(logline.Messages(line)) {
		text = logline.WithoutPrefixes(text)
		for i := range t.entries {
			e := &t.entries[i]
			if !e.mayMatch(text) {
				continue
			}
			if groups := e.pattern.FindStringSubmatch(text); groups != nil {
				return &match{e, groups}
			}
		}
	}
	return nil
}

func (t *Table) mayMatch(line string) bool {
	line = logline.WithoutColors(line)
	return slices.ContainsFunc(t.entries, func(e entry) bool { return e.mayMatch(line) })
}

func (e *entry) mayMatch(text string) bool {
	return e.literals == nil || slices.ContainsFunc(e.literals, func(s string) bool { return strings.Contains(text, s) })
}
