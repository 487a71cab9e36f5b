package recipe

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// Pick chooses among the sets of one document: the sample of that name, or of
// that number counted from 1. Without a name there has to be one only.
func Pick(doc *source.Document, sets []*Set, sample string) (*Set, *source.Error) {
	if doc.Root.Member(samplesKey) == nil {
		if sample != "" {
			return nil, doc.At("", "holds no samples to pick from: leave --sample out").By(ruleSample)
		}
		return sets[0], nil
	}
	at := source.Pointer(samplesKey)
	if sample == "" {
		if len(sets) == 1 {
			return sets[0], nil
		}
		return nil, doc.At(at, "holds %d samples; pick one with --sample NAME or --sample NUMBER:%s", len(sets), list(sets)).By(ruleSample)
	}
	var found []*Set
	titles := make([]string, len(sets))
	for i, set := range sets {
		titles[i] = set.Title
		if set.Title == sample {
			found = append(found, set)
		}
	}
	if n, err := strconv.Atoi(sample); err == nil && len(found) == 0 && n >= 1 && n <= len(sets) {
		return sets[n-1], nil
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		hint := ""
		if near := source.Nearest(sample, titles); near != "" {
			hint = fmt.Sprintf(": did you mean %q?", near)
		}
		return nil, doc.At(at, "holds no sample %q%s; there are:%s", sample, hint, list(sets)).By(ruleSample)
	}
	return nil, doc.At(at, "holds %d samples called %q; pick one by its number:%s", len(found), sample, list(sets)).By(ruleSample)
}

// IsSample reports whether r is part of a catalogue, whose samples are
// alternatives.
func (r *Recipe) IsSample() bool { return strings.HasPrefix(r.Pointer, source.Pointer(samplesKey)+"/") }

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
	}
	return b.String()
}
