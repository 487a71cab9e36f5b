package diff

import (
	"fmt"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// signs mark the objects of a summary.
var signs = map[dryrun.Verb]string{
	dryrun.Created: "+", dryrun.Configured: "~", dryrun.Replaced: "~", dryrun.Deleted: "-", dryrun.Kept: "=",
}

// Summary returns the changes of a deploy as lines: the totals, each object that changes,
// and the requested GPUs.
func (r Release) Summary() []string {
	lines := []string{r.Name + ": " + r.totals()}
	for _, c := range r.Changes {
		if c.Action == dryrun.Unchanged {
			continue
		}
		line := fmt.Sprintf("  %s %s", signs[c.Action], c.Object)
		if len(c.Effects) > 0 {
			line += ": " + strings.Join(c.Effects, "; ")
		}
		lines = append(lines, line)
	}
	for _, line := range r.gpuLines() {
		lines = append(lines, "  "+line)
	}
	return lines
}

// totals counts the objects by what a deploy would do with them.
func (r Release) totals() string {
	number := map[dryrun.Verb]int{}
	for _, c := range r.Changes {
		number[c.Action]++
	}
	var parts []string
	for _, of := range []struct {
		action dryrun.Verb
		words  string
	}{
		{dryrun.Created, "to create"},
		{dryrun.Configured, "to update"},
		{dryrun.Replaced, "to replace"},
		{dryrun.Deleted, "to delete"},
		{dryrun.Kept, "to keep"},
		{dryrun.Unchanged, "unchanged"},
	} {
		if n := number[of.action]; n == len(r.Changes) && of.action == dryrun.Unchanged {
			return of.words
		} else if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, of.words))
		}
	}
	return strings.Join(parts, ", ")
}

// in returns the changed fields in parentheses, shortened if there are many.
func in(fields []string) string {
	const few = 3
	if len(fields) == 0 {
		return ""
	}
	text := " (" + strings.Join(fields[:min(few, len(fields))], ", ")
	if more := len(fields) - few; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + ")"
}
