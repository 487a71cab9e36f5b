package recipe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Select chooses among the sets of one document: the sample of that name, or of
// that number counted from 1, or the only one of the catalogue entry of that
// title. Without a name there has to be one only.
func Select(doc *source.Document, sets []*Set, sample string) (*Set, *source.Error) {
	if !isCatalogue(doc.Root) {
		if sample != "" {
			return nil, doc.ErrorAt("", "holds no samples to pick from: leave --sample out").WithRule(ruleSample)
		}
		return sets[0], nil
	}
	at := "" // of a list of catalogue entries
	if doc.Root.Kind == source.Object {
		at = source.Pointer(samplesKey)
	}
	if sample == "" {
		if len(sets) == 1 {
			return sets[0], nil
		}
		return nil, doc.ErrorAt(at, "holds %d samples; pick one with --sample NAME or --sample NUMBER:%s", len(sets), list(sets)).WithRule(ruleSample)
	}
	found, n := named(sets, sample), sampleNumber(sample, len(sets))
	switch {
	case len(found) == 0 && n > 0:
		return sets[n-1], nil
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, doc.ErrorAt(at, "holds %d samples called %q; pick one by its number:%s", len(found), sample, list(sets)).WithRule(ruleSample)
	}
	hint := ""
	if near := source.Nearest(sample, titles(sets)); near != "" {
		hint = fmt.Sprintf(": did you mean %q?", near)
	}
	return nil, doc.ErrorAt(at, "holds no sample %q%s; there are:%s", sample, hint, list(sets)).WithRule(ruleSample)
}

// named returns the sets with a title, or else those of the catalogue entry with it.
func named(sets []*Set, sample string) []*Set {
	var byTitle, byEntry []*Set
	for _, set := range sets {
		switch sample {
		case set.Title:
			byTitle = append(byTitle, set)
		case set.Entry:
			byEntry = append(byEntry, set)
		}
	}
	if len(byTitle) > 0 {
		return byTitle
	}
	return byEntry
}

// sampleNumber returns the number that sample is, from 1 to count, or 0.
func sampleNumber(sample string, count int) int {
	if n, err := strconv.Atoi(sample); err == nil && n >= 1 && n <= count {
		return n
	}
	return 0
}

// titles returns all names by which one of the sets can be picked.
func titles(sets []*Set) []string {
	var all []string
	for _, set := range sets {
		all = append(all, set.Title, set.Entry)
	}
	return all
}

// IsSample reports whether r is part of a catalogue, whose samples are
// alternatives.
func (r *Recipe) IsSample() bool { return r.sample }

// list numbers the samples for a message.
func list(sets []*Set) string {
	var b strings.Builder
	for i, set := range sets {
		title := set.Title
		if title == "" {
			title = "(no name)"
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %d. %s", i+1, title)
		if set.Entry != "" {
			fmt.Fprintf(&b, " (%s)", set.Entry)
		}
	}
	return b.String()
}
