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

// totals counts the objects by action.
func (r Release) totals() string {
	number := map[dryrun.Verb]int{}
	for _, c := range r.Changes {
		number[c.Action]++
	}
	var parts []string
	for _, verb := range []dryrun.Verb{dryrun.Created, dryrun.Configured, dryrun.Replaced, dryrun.Deleted, dryrun.Kept, dryrun.Unchanged} {
		if n := number[verb]; n == len(r.Changes) && verb == dryrun.Unchanged {
			return string(verb)
		} else if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, verb))
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
