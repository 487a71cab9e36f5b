package release

import "strings"

// groupLabel is on the record of a release that belongs to a group.
const groupLabel = "kubectl-blueprint.github.io/group"

// GroupLabel returns the name of a group as a valid label value.
func GroupLabel(group string) string {
	fits := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.", r) {
			return r
		}
		return '-'
	}
	const longest = 63
	label := strings.Map(fits, group)
	return strings.Trim(label[:min(len(label), longest)], "-_.")
}
