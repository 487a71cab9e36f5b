package recipe

import (
	"slices"
	"strconv"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// isCatalog reports whether a document is a catalog, or a list with at least one
// catalog entry.
func isCatalog(root *source.Node) bool {
	return root.Member(samplesKey) != nil ||
		slices.ContainsFunc(root.Items, func(item *source.Node) bool { return item.Member(samplesKey) != nil })
}

// catalog reads the samples of a document. It ignores all other keys, which are
// descriptions.
type catalog struct {
	reader   *Reader
	doc      *source.Document
	sets     []*Set
	problems source.Collector
}

func (c *catalog) load() {
	if c.doc.Root.Kind == source.Object {
		c.samples("", c.doc.Root)
		return
	}
	for i, entry := range c.doc.Root.Items {
		at := source.Pointer(strconv.Itoa(i))
		if entry.Member(samplesKey) == nil {
			c.report(at, "must be a catalog entry: an object with "+samplesKey)
			continue
		}
		if samples := entry.Member(samplesKey); samples.Kind == source.Array && len(samples.Items) == 0 {
			continue // an entry that cannot be deployed
		}
		c.samples(at, entry)
	}
	if len(c.sets) == 0 && c.problems.Len() == 0 {
		c.report("", "must have at least one sample in "+samplesKey)
	}
}

// samples reads the samples of the entry at pointer.
func (c *catalog) samples(pointer string, entry *source.Node) {
	samples, at := entry.Member(samplesKey), pointer+source.Pointer(samplesKey)
	if samples.Kind != source.Array || len(samples.Items) == 0 {
		c.report(at, "must be a list of recipes")
		return
	}
	for i, sample := range samples.Items {
		here := at + source.Pointer(strconv.Itoa(i))
		if sample.Kind != source.Object {
			c.report(here, "must be a recipe or a deployment_group, got "+withArticle(sample.Kind.String()))
			continue
		}
		set, wrong := c.reader.loadSet(c.doc, here, sample)
		set.Entry = text(entry.Member(entryKey))
		for _, r := range set.Recipes {
			r.sample = true
		}
		c.sets = append(c.sets, set)
		c.problems.Add(wrong...)
	}
}

func (c *catalog) report(pointer, message string) {
	if !c.problems.Skip() {
		c.problems.Add(c.doc.ErrorAt(pointer, "%s", message).WithRule(ruleShape))
	}
}
