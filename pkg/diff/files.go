package diff

import (
	"bytes"
	"fmt"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// File is an object as YAML, before and after a deploy; empty if it does not exist.
type File struct {
	Object        string
	Before, After []byte
}

// Files returns the objects that change.
func (r Release) Files() ([]File, error) {
	var texts []File
	for _, c := range r.Changes {
		if !c.changed() {
			continue
		}
		before, err := toYAML(c.before)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Object, err)
		}
		after, err := toYAML(c.after)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Object, err)
		}
		texts = append(texts, File{c.Object, before, after})
	}
	return texts, nil
}

func toYAML(fields tree) ([]byte, error) {
	if fields == nil {
		return nil, nil
	}
	data, err := source.PrintableYAML(fields)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(data, []byte("\n"))
	for i, line := range lines { // escapes control characters
		lines[i] = []byte(source.Printable(string(line)))
	}
	return bytes.Join(lines, []byte("\n")), nil
}

// Diff returns t as a unified diff.
func (t File) Diff() []byte {
	from, to := "live/"+t.Object, "deployed/"+t.Object
	if t.Before == nil {
		from = "/dev/null"
	}
	if t.After == nil {
		to = "/dev/null"
	}
	return diff.Diff(from, t.Before, to, t.After)
}
