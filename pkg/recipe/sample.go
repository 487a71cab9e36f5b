package recipe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Select returns one of the sets of a document: the sample with that name or number (from
// 1), or the only one of the catalog entry with that title. Without a name, there must
// be only one set.
func Select(doc *source.Document, sets []*Set, sample string) (*Set, *source.Error) {
	if !isCatalog(doc.Root) {
		if sample != "" {
			return nil, doc.ErrorAt("", "file has no samples").WithRule(ruleSample).Hinted("remove --sample")
		}
		return sets[0], nil
	}
	at := "" // for a list of catalog entries
	if doc.Root.Kind == source.Object {
		at = source.Pointer(samplesKey)
	}
	if sample == "" {
		if len(sets) == 1 {
			return sets[0], nil
		}
		return nil, doc.ErrorAt(at, "file has %d samples", len(sets)).WithRule(ruleSample).Hinted("choose one with --sample NAME or --sample NUMBER:%s", list(sets))
	}
	found, n := named(sets, sample), sampleNumber(sample, len(sets))
	switch {
	case len(found) == 0 && n > 0:
		return sets[n-1], nil
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, doc.ErrorAt(at, "%d samples are named %q", len(found), sample).WithRule(ruleSample).Hinted("choose one by its number:%s", list(sets))
	}
	similar := ""
	if near := source.Nearest(sample, titles(sets)); near != "" {
		similar = fmt.Sprintf("; did you mean %q?", near)
	}
	return nil, doc.ErrorAt(at, "sample %q not found%s", sample, similar).WithRule(ruleSample).Hinted("choose one of:%s", list(sets))
}

// named returns the sets with a title, or else the sets of the catalog entry with it.
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

// sampleNumber returns sample as a number from 1 to count, or 0.
func sampleNumber(sample string, count int) int {
	if n, err := strconv.Atoi(sample); err == nil && n >= 1 && n <= count {
		return n
	}
	return 0
}

// titles returns all names by which the sets can be selected.
func titles(sets []*Set) []string {
	var all []string
	for _, set := range sets {
		all = append(all, set.Title, set.Entry)
	}
	return all
}

// IsSample reports whether r is part of a catalog, whose samples are alternatives.
func (r *Recipe) IsSample() bool { return r.sample }

// list returns a numbered list of the samples.
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
