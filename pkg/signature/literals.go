package signature

import (
	"fmt"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/logline"
)

// shortest is the length from which a literal is rare enough to select lines.
const shortest = 6

// literals returns strings of which every match of a pattern contains one.
func literals(pattern string) ([]string, error) {
	found, err := logline.Literals(pattern)
	if err != nil {
		return nil, err
	}
	if logline.Shortest(found) < shortest {
		return nil, fmt.Errorf("pattern has no literal of %d characters", shortest)
	}
	return found, nil
}

// literalSet finds out whether a text contains one of many literals. It compares only
// literals that have the same first bytes as the text.
type literalSet struct {
	all    []string
	starts map[[4]byte][]string // by the first four bytes
}

func newLiteralSet(all []string) *literalSet {
	set := &literalSet{all: all, starts: map[[4]byte][]string{}}
	for _, literal := range all {
		start := [4]byte([]byte(literal[:4]))
		set.starts[start] = append(set.starts[start], literal)
	}
	return set
}

// foundIn reports whether the text contains one of the literals.
func (set *literalSet) foundIn(text string) bool {
	for i := 0; i+shortest <= len(text); i++ {
		for _, literal := range set.starts[[4]byte{text[i], text[i+1], text[i+2], text[i+3]}] {
			if strings.HasPrefix(text[i:], literal) {
				return true
			}
		}
	}
	return false
}
