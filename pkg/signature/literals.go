package signature

import (
	"fmt"
	"regexp/syntax"
	"strings"
)

// shortest is the length from which a literal is rare enough to select lines.
const shortest = 6

// literals returns strings of which every match of a pattern contains one.
func literals(pattern string) ([]string, error) {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return nil, err
	}
	found := required(tree)
	if minLength(found) < shortest {
		return nil, fmt.Errorf("pattern has no literal of %d characters", shortest)
	}
	return found, nil
}

// required returns the literals of which a match of the expression contains one, or nil.
func required(e *syntax.Regexp) []string {
	switch e.Op {
	case syntax.OpLiteral:
		if e.Flags&syntax.FoldCase == 0 {
			return []string{string(e.Rune)}
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(e.Sub[0])
	case syntax.OpConcat:
		var best []string
		for _, part := range e.Sub {
			if found := required(part); minLength(found) > minLength(best) {
				best = found
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, part := range e.Sub {
			found := required(part)
			if found == nil {
				return nil
			}
			all = append(all, found...)
		}
		return all
	}
	return nil
}

func minLength(literals []string) int {
	length := 0
	for i, s := range literals {
		if i == 0 || len(s) < length {
			length = len(s)
		}
	}
	return length
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
