package blueprint

import (
	"context"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/input"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Samples returns the names of all samples in catalogs among the files. It ignores
// files that cannot be read.
func (b *Blueprint) Samples(files []string) []string {
	var names []string
	for _, name := range files {
		if name == "-" || input.IsURL(name) {
			continue
		}
		_, text, err := input.Read(context.Background(), name, strings.NewReader(""))
		if err != nil {
			continue
		}
		doc, err := source.Parse(name, text)
		if err != nil {
			continue
		}
		sets, _ := b.reader.Load(doc)
		for _, set := range sets {
			if set.Title != "" {
				names = append(names, set.Title)
			}
		}
	}
	return names
}
