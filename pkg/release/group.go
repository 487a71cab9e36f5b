package release

import "strings"

// groupLabel holds the group of which a release is a member, on its record.
const groupLabel = "kubectl-blueprint.github.io/group"

// GroupLabel is the name of a group in the shape of a label's value: as it is
// where it can be.
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
