// Package signature recognizes why an AI container crashed from the lines of its log. It
// owns the table of signatures (signatures.yaml): the pattern of a line, what causes it,
// how to fix it, and the Kubernetes field to change. It reads text only: its callers
// fetch logs and redact secret values.
package signature

import (
	"bytes"
	_ "embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Signature is a log line that identifies the cause of a crash.
type Signature struct {
	ID       string   `yaml:"id"`
	Programs []string `yaml:"programs"` // that print the line
	Pattern  string   `yaml:"pattern"`  // RE2, of a line without colors
	// Secondary marks a line that may result from the error of another signature. It
	// counts only if the log matches no other signature.
	Secondary bool `yaml:"secondary"`
	// Cause and Fix may contain named groups of the pattern: {{max}}.
	Cause   string     `yaml:"cause"`
	Fix     string     `yaml:"fix"`
	Field   field.Path `yaml:"field"` // to change, "" if none
	Verdict Verdict    `yaml:"verdict"`
	Source  string     `yaml:"source"` // URL of the code or a report that has the line

	pattern  *regexp.Regexp
	literals *literalSet // every match contains one of them
}

// Verdict says whether a container that printed a line may recover.
type Verdict string

// The verdicts.
const (
	Terminal  Verdict = "terminal"  // every restart fails in the same way
	Transient Verdict = "transient" // a restart may succeed
	Node      Verdict = "node"      // the container may run on another node
)

// Description returns what the verdict means for a deploy.
func (v Verdict) Description() string {
	switch v {
	case Terminal:
		return "Terminal: the first crash ends the deploy, because every restart fails in the same way."
	case Node:
		return "Node: the container may run on another node. The deploy keeps waiting."
	}
	return "Transient: a restart may succeed. The deploy keeps waiting."
}

// Table is a list of signatures.
type Table struct {
	signatures []Signature
	literals   *literalSet // of all signatures
}

//go:embed signatures.yaml
var data []byte

var load = sync.OnceValues(func() (*Table, error) { return parse(data) })

// Load returns the table of this package. It compiles the table once.
func Load() (*Table, error) { return load() }

// parse reads and compiles a table.
func parse(text []byte) (*Table, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	t := &Table{}
	if err := decoder.Decode(&t.signatures); err != nil {
		return nil, fmt.Errorf("cannot read signatures: %w", err)
	}
	var all []string
	for i := range t.signatures {
		if err := t.signatures[i].compile(); err != nil {
			return nil, fmt.Errorf("signature %q: %w", t.signatures[i].ID, err)
		}
		all = append(all, t.signatures[i].literals.all...)
	}
	t.literals = newLiteralSet(all)
	return t, nil
}

func (s *Signature) compile() error {
	var err error
	if s.pattern, err = regexp.Compile(s.Pattern); err != nil {
		return err
	}
	required, err := literals(s.Pattern)
	if err != nil {
		return err
	}
	s.literals = newLiteralSet(required)
	for _, text := range []string{s.Cause, s.Fix} {
		for _, name := range placeholder.FindAllStringSubmatch(text, -1) {
			if s.pattern.SubexpIndex(name[1]) < 0 {
				return fmt.Errorf("group %q not found in pattern", name[1])
			}
		}
	}
	return nil
}

// All returns the signatures in the order of the table.
func (t *Table) All() []Signature { return t.signatures }

// Find returns the signature with an ID.
func (t *Table) Find(id string) (*Signature, error) {
	var ids []string
	for i := range t.signatures {
		if t.signatures[i].ID == id {
			return &t.signatures[i], nil
		}
		ids = append(ids, t.signatures[i].ID)
	}
	if near := source.Nearest(id, ids); near != "" {
		return nil, fmt.Errorf("signature %q not found; did you mean %q?", id, near)
	}
	return nil, fmt.Errorf("signature %q not found", id)
}

// placeholder matches a named group in a cause or a fix.
var placeholder = regexp.MustCompile(`\{\{(\w+)\}\}`)

// fill replaces the named groups in text with what the pattern matched.
func (s *Signature) fill(text string, groups []string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		return groups[s.pattern.SubexpIndex(strings.Trim(name, "{}"))]
	})
}

// Generic returns a cause or a fix with the names of groups in capital letters, for
// texts without a log.
func Generic(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string {
		return strings.ToUpper(strings.Trim(name, "{}"))
	})
}
