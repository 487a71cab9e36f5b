package review

import (
	"bytes"
	"fmt"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Text is an object as YAML, before and after; empty where there is none.
type Text struct {
	Object        string
	Before, After []byte
}

// Texts are the objects that change.
func (r Review) Texts() ([]Text, error) {
	var texts []Text
	for _, c := range r.Changes {
		if !c.changed() {
			continue
		}
		before, err := text(c.before)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Object, err)
		}
		after, err := text(c.after)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Object, err)
		}
		texts = append(texts, Text{c.Object, before, after})
	}
	return texts, nil
}

func text(fields tree) ([]byte, error) {
	if fields == nil {
		return nil, nil
	}
	data, err := source.PrintableYAML(fields)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(data, []byte("\n"))
	for i, line := range lines { // what would move a terminal's cursor
		lines[i] = []byte(source.Printable(string(line)))
	}
	return bytes.Join(lines, []byte("\n")), nil
}

// Diff is t as a unified diff.
func (t Text) Diff() []byte {
	from, to := "live/"+t.Object, "deployed/"+t.Object
	if t.Before == nil {
		from = "/dev/null"
	}
	if t.After == nil {
		to = "/dev/null"
	}
	return diff.Diff(from, t.Before, to, t.After)
}
